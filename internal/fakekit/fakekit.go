// Package fakekit is what the fakes of the services share: a transport in
// memory, faults on demand and a journal of the requests.
package fakekit

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxRequestBody is what a fake reads of a request.
const maxRequestBody = 4 << 20

// Fault is an answer that the fake gives instead of its own.
type Fault struct {
	Op         string
	N          int
	Status     int
	Header     http.Header
	Body       string
	Delay      time.Duration
	DelayAfter int
	CutAfter   int
}

// Request is a request that the fake received.
type Request struct {
	Op     string
	Method string
	Path   string
	Query  url.Values
	Header http.Header
	Body   []byte
}

// Kit keeps the faults and the journal of one fake. Its zero value is ready.
type Kit struct {
	mu      sync.Mutex
	faults  []*Fault
	journal []Request
}

// Fail adds a fault. See the fakes' Fault for its meaning. It panics on one that
// would never happen, or that no server can answer with, because a test that
// adds it would pass for the wrong reason: ops are the operations of the fake.
func (k *Kit) Fail(f Fault, ops ...string) {
	if f.Op != "" && !slices.Contains(ops, f.Op) {
		panic(fmt.Sprintf("the fake has no operation %q; it has %s", f.Op, strings.Join(ops, ", ")))
	}
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		panic(fmt.Sprintf("a fault with status %d; want 200 to 599, or 0 for the fake's own answer", f.Status))
	}
	if f.Status == 0 && (f.Body != "" || len(f.Header) > 0) {
		panic("a fault with a Header or a Body and no Status, which are never sent")
	}
	if f.DelayAfter < 0 || f.DelayAfter > 0 && (f.Delay <= 0 || f.CutAfter != 0 && f.CutAfter < f.DelayAfter) {
		panic(fmt.Sprintf("a fault with DelayAfter %d, which never comes to wait", f.DelayAfter))
	}
	f.N = cmp.Or(f.N, 1)
	f.Header = f.Header.Clone()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.faults = append(k.faults, &f)
}

// Requests returns a copy of the journal, oldest first.
func (k *Kit) Requests() []Request {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.journal)
}

// Receive notes the request, with its body, in the journal, and answers it if
// a fault is due. It returns the writer for the answer, which a fault may break,
// and whether the request is still to be answered. The credentials in headers,
// named by secretHeaders, and in the fields of a form or the members of a JSON
// document, named by secretFields, do not enter the journal.
func (k *Kit) Receive(w http.ResponseWriter, r *http.Request, op string, secretHeaders, secretFields []string) (http.ResponseWriter, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBody))
	if err != nil {
		http.Error(w, "request body too large or broken", http.StatusRequestEntityTooLarge)
		return w, false
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	k.note(r, op, body, secretHeaders, secretFields)
	fault := k.due(op)
	if fault == nil {
		return w, true
	}
	if fault.DelayAfter == 0 && !sleep(r, fault.Delay) {
		return w, false
	}
	if fault.CutAfter < 0 {
		panic(http.ErrAbortHandler)
	}
	w = &faultyWriter{ResponseWriter: w, request: r, fault: fault}
	if fault.Status == 0 {
		return w, true
	}
	for name, values := range fault.Header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	w.WriteHeader(fault.Status)
	_, _ = io.WriteString(w, fault.Body)
	return w, false
}

func (k *Kit) note(r *http.Request, op string, body []byte, secretHeaders, secretFields []string) {
	header := r.Header.Clone()
	for _, name := range secretHeaders {
		if header.Get(name) != "" {
			header.Set(name, removed)
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.journal = append(k.journal, Request{
		Op: op, Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.Query(),
		Header: header, Body: clean(body, secretFields),
	})
}

// due takes the fault that is due for op, if there is one.
func (k *Kit) due(op string) *Fault {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, f := range k.faults {
		if f.Op != "" && f.Op != op {
			continue
		}
		if f.N > 0 {
			if f.N--; f.N == 0 {
				k.faults = slices.Delete(k.faults, i, i+1)
			}
		}
		return f
	}
	return nil
}

// sleep waits, and reports whether the sender is still there afterwards.
func sleep(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
