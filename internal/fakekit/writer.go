package fakekit

import "net/http"

// faultyWriter writes an answer that stalls in its body, or breaks off.
type faultyWriter struct {
	http.ResponseWriter
	request *http.Request
	fault   *Fault
	sent    int
}

func (w *faultyWriter) Write(p []byte) (int, error) {
	var written int
	for written < len(p) {
		part := p[written:]
		n, err := w.ResponseWriter.Write(part[:w.next(len(part))])
		written += n
		w.sent += n
		if err == nil {
			err = w.pause()
		}
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// next returns how many of n bytes go before the fault does something.
func (w *faultyWriter) next(n int) int {
	for _, place := range []int{w.fault.DelayAfter, w.fault.CutAfter} {
		if place > w.sent {
			n = min(n, place-w.sent)
		}
	}
	return n
}

// pause does what the fault does at this place. What was written before is sent.
func (w *faultyWriter) pause() error {
	if w.sent == w.fault.DelayAfter || w.sent == w.fault.CutAfter {
		_ = http.NewResponseController(w.ResponseWriter).Flush() // in memory there is no need to
	}
	if w.sent == w.fault.DelayAfter && !sleep(w.request, w.fault.Delay) {
		return w.request.Context().Err()
	}
	if w.sent == w.fault.CutAfter {
		panic(http.ErrAbortHandler)
	}
	return nil
}
