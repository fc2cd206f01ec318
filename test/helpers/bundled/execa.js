module.exports = require('execa');
