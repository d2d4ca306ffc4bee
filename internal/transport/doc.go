// Package transport is the request pipeline that every client sends through.
// [New] puts it together; what each stage does stands in the file of its name.
// [NewDownloader] makes the second one of the same stages, for files, without a
// credential.
//
// What a method of a client asks for is a [Request]. Everything that comes
// back and is not a success is a *callinsights.Error, whose texts hold neither
// the credential nor the query nor the body.
package transport
