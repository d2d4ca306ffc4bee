// Package plain has the documents of the three services as a program without this
// module would declare them: the documented members, and nothing that is kept
// besides. The corpora are made of them, too.
//
// What easyjson generates of them is used by easyjson alone, as the methods have
// names of their own.
package plain

//go:generate go run github.com/mailru/easyjson/easyjson -no_std_marshalers session.go record.go event.go
