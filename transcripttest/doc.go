// Package transcripttest has tests alone: what callinsights.WriteTranscript writes is
// read back by libraries that know nothing of it, captions by go-astisub and Markdown
// by goldmark.
package transcripttest
