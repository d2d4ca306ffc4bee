package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"mime"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/callinsights/callinsights-go/internal/fault"
)

// Service is what differs between the senders.
type Service[E any] struct {
	// Name is the package that the log names.
	Name string
	// Timeout is how long after its arrival a request is answered unless set.
	Timeout time.Duration
	// Once are the headers that decide about a request, in canonical form. One that
	// has any of them twice is refused.
	Once []string
	// Authorize checks what can be checked before the body is read; nil for
	// nothing. Its error, which holds nothing of the request, is answered with 401.
	Authorize func(r *http.Request) error
	// Handshake answers a request whose body is empty, by the headers of its
	// answer and the status that it returns; nil for none.
	Handshake func(answer http.Header, r *http.Request) int
	// Verify checks the exact bytes of the body; nil for nothing.
	Verify func(header http.Header, body []byte) error
	// Prepare sets headers of every answer to a verified request; nil for none.
	Prepare func(answer http.Header, r *http.Request)
	// Parse decodes a body. It does not keep it, as Verify does not.
	Parse func(body []byte) (*E, error)
	// Key names an event for the delivery log, Payload is its exact text.
	Key     func(event *E) string
	Payload func(event *E) string
}

// Receiver is an http.Handler that hands the events of one service to a
// function. It is safe for concurrent use.
type Receiver[E any] struct {
	service Service[E]
	cfg     Config
	handle  func(context.Context, *E) error
	bodies  sync.Pool // of *bytes.Buffer
	running runs
}

// New returns the receiver that calls handle for each event.
func New[E any](cfg Config, service Service[E], handle func(context.Context, *E) error) (*Receiver[E], error) {
	if handle == nil {
		return nil, fault.Invalid("the function that handles events is nil")
	}
	if err := cfg.complete(service.Timeout); err != nil {
		return nil, err
	}
	return &Receiver[E]{service: service, cfg: cfg, handle: handle}, nil
}

// answer is how a request ends: with a status, after which time it is worth
// repeating, and why, for the log.
type answer struct {
	status     int
	retryAfter time.Duration
	outcome    string
	err        error
}

// ServeHTTP answers a request of the service. It never says why it refuses one.
func (r *Receiver[E]) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	arrived := time.Now()
	a := safely(func() answer { return r.receive(w, req, arrived) })
	if a.status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	if a.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(a.retryAfter.Seconds()))))
	}
	w.WriteHeader(a.status) // and no body, so that there is nothing to be said of it
	r.log(req.Context(), a, arrived)
}

// receive does the work in its order: what costs nothing is refused first, and
// nothing of a body is believed before it is verified.
func (r *Receiver[E]) receive(w http.ResponseWriter, req *http.Request, arrived time.Time) answer {
	// The body is to come within four fifths of the time that there is, so that
	// some is left for the function. This holds for a refused request too, whose
	// rest the server reads. A ResponseWriter that cannot set a deadline leaves it
	// to the server's own time-outs.
	_ = http.NewResponseController(w).SetReadDeadline(arrived.Add(r.cfg.Timeout / 5 * 4))
	if status, err := r.check(req); status != 0 {
		return answer{status: status, outcome: outcomeRefused, err: err}
	}
	buffer := r.buffer()
	defer r.reuse(buffer)
	if err := r.read(buffer, w, req); err != nil {
		return answer{status: readStatus(err), outcome: outcomeUnread, err: err}
	}
	body := buffer.Bytes()
	if len(body) == 0 && r.service.Handshake != nil {
		return answer{status: r.service.Handshake(w.Header(), req), outcome: outcomeHandshake}
	}
	if r.service.Verify != nil {
		if err := r.service.Verify(req.Header, body); err != nil {
			return answer{status: http.StatusUnauthorized, outcome: outcomeRefused, err: err}
		}
	}
	if !isJSON(req.Header) {
		return answer{status: http.StatusUnsupportedMediaType, outcome: outcomeRefused, err: errors.New("the body is not JSON by its Content-Type")}
	}
	if r.service.Prepare != nil {
		r.service.Prepare(w.Header(), req)
	}
	return r.deliver(req.Context(), body, arrived)
}

// check refuses what can be refused by the headers, with a status and maybe why.
func (r *Receiver[E]) check(req *http.Request) (int, error) {
	if req.Method != http.MethodPost {
		return http.StatusMethodNotAllowed, nil
	}
	for _, name := range r.service.Once {
		if len(req.Header[name]) > 1 {
			return http.StatusBadRequest, fmt.Errorf("the header %s is there twice", name)
		}
	}
	if isEncoded(req.Header) {
		return http.StatusUnsupportedMediaType, errors.New("the body is compressed")
	}
	if r.service.Authorize != nil {
		if err := r.service.Authorize(req); err != nil {
			return http.StatusUnauthorized, err
		}
	}
	if req.ContentLength > r.cfg.MaxBodyBytes {
		return http.StatusRequestEntityTooLarge, nil
	}
	return 0, nil
}

// read reads the body. A request that no server made may have none.
func (r *Receiver[E]) read(buffer *bytes.Buffer, w http.ResponseWriter, req *http.Request) error {
	if req.Body == nil {
		return nil
	}
	// What the sender says of the length is believed up to a point.
	buffer.Grow(int(min(max(req.ContentLength, 0), believed)) + bytes.MinRead)
	_, err := buffer.ReadFrom(http.MaxBytesReader(w, req.Body, r.cfg.MaxBodyBytes))
	return err
}

// believed is how much is made ready for a body because its sender says that it is so
// long: he may be anybody, with thousands of connections on which nothing follows.
const believed = 4 << 10

// maxReused is how large a buffer may be that is kept for the next body.
const maxReused = 64 << 10

func (r *Receiver[E]) buffer() *bytes.Buffer {
	if buffer, ok := r.bodies.Get().(*bytes.Buffer); ok {
		return buffer
	}
	return new(bytes.Buffer)
}

func (r *Receiver[E]) reuse(buffer *bytes.Buffer) {
	if buffer.Cap() <= maxReused {
		buffer.Reset()
		r.bodies.Put(buffer)
	}
}

// readStatus is the answer to a body that could not be read.
func readStatus(err error) int {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return http.StatusRequestTimeout
	}
	return http.StatusBadRequest
}

func isEncoded(h http.Header) bool {
	return slices.ContainsFunc(h["Content-Encoding"], func(coding string) bool {
		return coding != "" && !strings.EqualFold(coding, "identity")
	})
}

// isJSON believes a sender who does not say what the body is.
func isJSON(h http.Header) bool {
	kinds := h["Content-Type"]
	if len(kinds) == 0 || kinds[0] == "application/json" {
		return true
	}
	kind, _, err := mime.ParseMediaType(kinds[0])
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

// log writes one line for a request: no header, no body and no text of theirs,
// but the text of an error of the program's functions.
func (r *Receiver[E]) log(ctx context.Context, a answer, arrived time.Time) {
	level := slog.LevelInfo
	if a.status >= 300 {
		level = slog.LevelWarn
	}
	r.write(ctx, level, func() []slog.Attr {
		attrs := []slog.Attr{
			slog.String("vendor", r.service.Name),
			slog.String("outcome", a.outcome),
			slog.Int("status", a.status),
			slog.Duration("duration", time.Since(arrived)),
		}
		if a.err != nil {
			attrs = append(attrs, slog.String("error", a.err.Error()))
		}
		if crash, ok := errors.AsType[*panicError](a.err); ok {
			attrs = append(attrs, slog.String("stack", string(crash.stack)))
		}
		return attrs
	})
}

// write writes a line. A logger that panics takes nothing with it, nor does an error
// that does when it is asked for its text.
func (r *Receiver[E]) write(ctx context.Context, level slog.Level, attrs func() []slog.Attr) {
	if r.cfg.Logger == nil {
		return // do not even ask what there is to say
	}
	_ = guard(func() error {
		r.cfg.Logger.LogAttrs(ctx, level, "webhook", attrs()...)
		return nil
	})
}
