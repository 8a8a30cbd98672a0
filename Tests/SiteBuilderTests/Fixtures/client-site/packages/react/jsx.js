'use strict'
const { Fragment } = require('./index.js')
const jsx = (type, props) => ({ type, props })
module.exports = { Fragment, jsx, jsxs: jsx, jsxDEV: jsx }
