// Package jsontest proves that a model decodes and encodes JSON as it should,
// for the tests of this module.
//
// The oracle is [encoding/json]: from a model's type a plain copy is made, a
// struct with the same exported fields and json tags and without any methods,
// so that encoding/json decodes it by its own rules. Where that takes a document,
// model and plain copy must hold the same. A document that only jsonpull takes is
// written in the form that encoding/json wants first.
//
// [Mutations] and [Variants] make the documents: the former at random, several
// changes at once, the latter one change for each place. [Equivalent] and
// [RefusesCuts] hold a model against all variants of a document and against
// whatever is left of it when it breaks off, and [Pieces] deliver it as a network
// does.
//
// # Excepted fields
//
// Most functions take the names of fields that a model decodes in a way of its
// own, which the plain copy cannot follow. "Transcript" means the field of that
// name in every struct of the model, "Insights.Transcript" the one of the
// struct type Insights. A name that fits no field fails the test.
package jsontest
