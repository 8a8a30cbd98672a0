'use strict'
exports.version = require('react').version
exports.createRoot = (element) => ({ render: (tree) => (element.tree = tree) })
