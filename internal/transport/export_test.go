package transport

// Version is what the build of a program says of the module, which no test can
// change.
var Version = version
