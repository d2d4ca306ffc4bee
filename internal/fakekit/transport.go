package fakekit

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// Transport is an [http.RoundTripper] that hands each request to a handler in
// memory, without a network: it works inside testing/synctest. Answers are
// streamed, so that a handler that writes slowly is read slowly.
type Transport struct{ Handler http.Handler }

var errAborted = errors.New("connection closed by the server")

// RoundTrip runs the handler in a goroutine of its own, which ends when the
// handler returns. When the answer's body is closed, the context of the
// handler's request ends, and writing fails. The request's body is closed whatever
// happens, as that of any transport is.
func (t Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }()
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(req.Context()) // as net/http has it, when the caller goes away
	in, err := serverRequest(req.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	body, pipe := io.Pipe()
	w := &answer{header: make(http.Header), pipe: pipe, ready: make(chan struct{})}
	go w.serve(t.Handler, in)
	select {
	case <-ctx.Done():
		cancel()
		_ = body.CloseWithError(ctx.Err())
		return nil, ctx.Err()
	case <-w.ready:
	}
	if w.aborted {
		cancel()
		return nil, errAborted
	}
	stop := context.AfterFunc(ctx, func() { _ = body.CloseWithError(ctx.Err()) })
	return w.response(req, &answerBody{PipeReader: body, done: func() {
		stop()
		cancel()
	}}), nil
}

// serverRequest is req as a server would see it, whose body is in memory.
func serverRequest(req *http.Request) (*http.Request, error) {
	in := req.Clone(req.Context())
	in.RequestURI = req.URL.RequestURI()
	in.RemoteAddr = "192.0.2.1:1234"
	in.Host = req.URL.Host
	in.Body = http.NoBody
	if req.Body != nil {
		data, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		in.Body = io.NopCloser(bytes.NewReader(data))
		in.ContentLength = int64(len(data))
	}
	return in, nil
}

// answerBody tells the handler that its reader has all of it or has gone away.
type answerBody struct {
	*io.PipeReader
	done func()
}

func (b *answerBody) Read(p []byte) (int, error) {
	n, err := b.PipeReader.Read(p)
	if err != nil {
		b.done()
	}
	return n, err
}

func (b *answerBody) Close() error {
	b.done()
	return b.PipeReader.Close()
}

// answer is the [http.ResponseWriter] of one request.
type answer struct {
	header  http.Header
	pipe    *io.PipeWriter
	once    sync.Once
	ready   chan struct{} // closed when status and sent may be read
	status  int
	sent    http.Header
	aborted bool
}

// serve runs the handler. A handler that panics with [http.ErrAbortHandler]
// cuts the connection, as it does under net/http.
func (w *answer) serve(h http.Handler, r *http.Request) {
	defer func() {
		if v := recover(); v != nil {
			if err, ok := v.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(v)
			}
			w.once.Do(func() {
				w.aborted = true
				close(w.ready)
			})
			_ = w.pipe.CloseWithError(io.ErrUnexpectedEOF)
			return
		}
		w.WriteHeader(http.StatusOK)
		_ = w.pipe.Close()
	}()
	h.ServeHTTP(w, r)
}

func (w *answer) Header() http.Header { return w.header }

func (w *answer) WriteHeader(status int) {
	w.once.Do(func() {
		w.status = status
		w.sent = w.header.Clone()
		close(w.ready)
	})
}

func (w *answer) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.pipe.Write(p)
}

func (w *answer) response(req *http.Request, body io.ReadCloser) *http.Response {
	length, encoding := int64(-1), []string{"chunked"}
	if n, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64); err == nil {
		length, encoding = n, nil
	}
	return &http.Response{
		Status:        strconv.Itoa(w.status) + " " + http.StatusText(w.status),
		StatusCode:    w.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        w.sent,
		Body:          body,
		ContentLength: length, TransferEncoding: encoding,
		Request: req,
	}
}
