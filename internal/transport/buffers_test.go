package transport_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/transport"
)

// named is a document of that size with a name of its own.
func named(name string, size int) string {
	return `{"name":"` + name + `","padding":"` + strings.Repeat(name[len(name)-1:], size) + `"}`
}

// Bodies are read into buffers that other calls use again, also at the same
// time. What decode is given must be one's own until it returns, and an error
// keeps what it was made of for ever.
func TestBodiesOfOthersDoNotShow(t *testing.T) {
	t.Parallel()
	m := &memory{reply: func(_ int, req *http.Request) (*http.Response, error) {
		name := strings.TrimPrefix(req.URL.Path, "/base/")
		size := map[byte]int{'0': 10, '1': 30_000, '2': 40_000, '3': 100_000}[name[len(name)-1]]
		resp := replies(http.StatusOK, named(name, size))
		if strings.Contains(name, "chunked") {
			resp.ContentLength = -1
		}
		return resp, nil
	}}
	p := pipeline(t, m, transport.Vendor{})
	refused := errors.New("refused")
	var group sync.WaitGroup
	var mu sync.Mutex
	kept := map[string]*callinsights.Error{}
	for worker := range 8 {
		group.Go(func() {
			for n := range 40 {
				name := fmt.Sprintf("%s-%d-%d-%d", [...]string{"sized", "chunked"}[n%2], worker, n, (worker+n/2)%4)
				want := func(body []byte) bool { return strings.HasPrefix(string(body), `{"name":"`+name+`"`) }
				err := p.Call(t.Context(), get(name), func(body []byte) error {
					if !want(body) {
						t.Errorf("%s: another body, of %d bytes", name, len(body))
					}
					if n%5 == 0 {
						return refused
					}
					return nil
				})
				if n%5 != 0 {
					if err != nil {
						t.Error(err)
					}
					continue
				}
				mu.Lock()
				kept[name] = asError(t, err)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	for name, e := range kept {
		if !strings.HasPrefix(string(e.Body()), `{"name":"`+name+`"`) || !errors.Is(e, refused) {
			t.Errorf("%s: the error has another body: %.40q", name, e.Body())
		}
	}
}

// What broke off, or was over the limit, leaves nothing behind for the next one.
func TestBuffersAfterFaults(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	m := &memory{reply: func(n int, _ *http.Request) (*http.Response, error) {
		resp := replies(http.StatusOK, named("long", 20_000))
		switch n {
		case 1:
			resp.ContentLength, resp.Body = -1, io.NopCloser(io.MultiReader(strings.NewReader(named("cut", 900)), failingReader{broken}))
		case 2, 3:
			resp.ContentLength = -1
		default:
			resp = replies(http.StatusOK, `{"a":1}`)
		}
		return resp, nil
	}}
	p := pipeline(t, m, transport.Vendor{}, func(c *transport.Config) {
		c.Retry.MaxAttempts, c.MaxResponseBytes = 1, 10_000
	})
	for n := range 4 {
		var got string
		err := p.Call(t.Context(), get("thing"), func(body []byte) error {
			got = string(body)
			return nil
		})
		switch {
		case n == 0 && !errors.Is(err, broken):
			t.Errorf("err = %v, want the fault of the body", err)
		case n > 0 && n < 3 && (err == nil || !strings.Contains(err.Error(), "the answer is larger than 10000 bytes")):
			t.Errorf("err = %v, want the limit", err)
		case n == 3 && (err != nil || got != `{"a":1}`):
			t.Errorf("body %q, %v", got, err)
		}
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }
