package faultserver

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"slices"
	"strings"
)

// bodyFaults are answers whose body does not arrive as it should.
func bodyFaults() []Fault {
	const chunked = "Transfer-Encoding: chunked"
	return []Fault{
		{Name: "a short body", Answer: func(x *Exchange, _ int, good string) bool {
			x.Write("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + good)
			return false
		}},
		{Name: "a chunk cut", Answer: func(x *Exchange, _ int, _ string) bool {
			x.Write("HTTP/1.1 200 OK\r\n" + chunked + "\r\n\r\n9\r\n{}")
			return false
		}},
		{Name: "chunks without an end", Answer: func(x *Exchange, _ int, good string) bool {
			x.Head(http.StatusOK, chunked)
			x.Chunk([]byte(good + " "))
			return false
		}},
		{Name: "gzip cut", Answer: func(x *Exchange, _ int, good string) bool {
			body := zipped(good)
			return x.Reply(http.StatusOK, body[:len(body)-9], "Content-Encoding: gzip")
		}},
		{Name: "cut with its connection", Answer: func(x *Exchange, _ int, _ string) bool {
			x.Write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + `{"total":1,"a":[1,2`)
			return false
		}},
		{Name: "a gzip bomb", Answer: func(x *Exchange, _ int, _ string) bool {
			return x.Reply(http.StatusOK, Bomb(64), "Content-Encoding: gzip")
		}},
		{Name: "64 MiB", Answer: func(x *Exchange, _ int, _ string) bool {
			x.Head(http.StatusOK, "Content-Length: 67108864")
			return large(x.Send)
		}},
		{Name: "64 MiB in chunks", Answer: func(x *Exchange, _ int, _ string) bool {
			x.Head(http.StatusOK, chunked)
			return large(x.Chunk) && x.Write("0\r\n\r\n")
		}},
		{Name: "brotli", Answer: func(x *Exchange, _ int, good string) bool {
			return x.Reply(http.StatusOK, good, "Content-Encoding: br")
		}},
		{Name: "gzip twice", Answer: func(x *Exchange, _ int, good string) bool {
			return x.Reply(http.StatusOK, zipped(zipped(good)), "Content-Encoding: gzip, gzip")
		}},
	}
}

// documentFaults are bodies that arrive whole and hold something else.
func documentFaults() []Fault {
	holds := func(name, body string) Fault {
		return Fault{Name: name, Answer: func(x *Exchange, _ int, _ string) bool {
			return x.Reply(http.StatusOK, body, jsonType)
		}}
	}
	// turns makes the body of the proper answer.
	turns := func(name string, turn func(good string) string) Fault {
		return Fault{Name: name, Answer: func(x *Exchange, _ int, good string) bool {
			return x.Reply(http.StatusOK, turn(good), jsonType)
		}}
	}
	// with puts a member before those of the good document.
	with := func(name, member string) Fault {
		return turns(name, func(good string) string { return "{" + member + "," + good[1:] })
	}
	return []Fault{
		holds("an empty 200", ""),
		{Name: "a 204", Answer: func(x *Exchange, _ int, _ string) bool { return x.Head(http.StatusNoContent) }},
		holds("a page", "<!DOCTYPE html><html><h1>Sign in</h1></html>"),
		{Name: "another media type", Answer: func(x *Exchange, _ int, good string) bool {
			return x.Reply(http.StatusOK, good, "Content-Type: text/plain")
		}},
		holds("invalid JSON", `{"total":1,"a":}`),
		holds("another shape", `["a","b"]`),
		holds("null", "null"),
		turns("trailing data", func(good string) string { return good + `{"a":1}` }),
		turns("a byte order mark", func(good string) string { return "\ufeff" + good }),
		with("invalid UTF-8", "\"odd\":\"a\xffb\""),
		with("duplicate keys", `"odd":1,"odd":2`),
		with("10,001 levels", `"odd":`+strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)),
		with("a million elements", Million("odd")),
	}
}

// Million is a member of an object whose value is a list of a million empty
// objects: 3 MB on the wire.
func Million(key string) string {
	return `"` + key + `":[` + strings.TrimSuffix(strings.Repeat("{},", 1_000_000), ",") + "]"
}

// Bomb is some KiB of gzip that decompress to that many MiB: a document whose
// string has no end.
func Bomb(mebibytes int) string {
	return zipped(`{"total":1,"hits":[{"id":"`) + strings.Repeat(zipped(strings.Repeat("x", 1<<20)), mebibytes)
}

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

// large sends 64 MiB, a document that is one text, as long as they are taken.
func large(send func([]byte) bool) bool {
	piece := bytes.Repeat([]byte("x"), 64<<10)
	first := slices.Clone(piece)
	copy(first, `{"total":1,"hits":[{"id":"`)
	more := send(first)
	for range 1023 {
		more = more && send(piece)
	}
	return more
}
