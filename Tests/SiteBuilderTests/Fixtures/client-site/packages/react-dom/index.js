'use strict'
const React = require('react')
exports.version = React.version
exports.flushSync = (work) => work()
