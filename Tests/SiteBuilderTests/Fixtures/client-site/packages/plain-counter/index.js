'use strict'
// CommonJS that requires a module which lives in another file.
const { useState } = require('react')
module.exports = () => useState(0)[0]
