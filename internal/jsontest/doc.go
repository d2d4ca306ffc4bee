// Package jsontest proves that a model decodes and encodes JSON as it should,
// for the tests of this module.
//
// The oracle is [encoding/json]: from a model's type a plain copy is made, a
// struct with the same exported fields and json tags and without any methods,
// so that encoding/json decodes it by its own rules. On a strict document, one
// that has only one sound reading, model and plain copy must hold the same.
//
// # Excepted fields
//
// Most functions take the names of fields that a model decodes in a way of its
// own, which the plain copy cannot follow. "Transcript" means the field of that
// name in every struct of the model, "Insights.Transcript" the one of the
// struct type Insights. A name that fits no field fails the test.
package jsontest
