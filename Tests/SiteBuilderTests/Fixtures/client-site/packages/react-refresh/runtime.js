'use strict'
exports.register = () => {}
exports.createSignatureFunctionForTransform = () => () => {}
