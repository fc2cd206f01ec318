// Two hundred modules that cdktf loads for assets of type ARCHIVE, of which there are none.
module.exports = () => {
  throw new Error('no archiver is loaded here: see test/helpers/bundled');
};
