'use strict'
exports.version = '0.0.0'
exports.Fragment = Symbol.for('fragment')
exports.useState = (value) => [value, () => {}]
exports.lazy = (load) => ({ load })
exports.mode = process.env.NODE_ENV
// A reserved word is a fine property name, but no name for a variable.
exports.delete = () => true
if (process.env.NODE_ENV !== 'production') exports.act = () => {}
