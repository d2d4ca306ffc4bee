package transport

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/auth"
	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/retry"
)

// Vendor is what differs between the services.
type Vendor struct {
	// Name is the package that errors, observations and log lines name.
	Name string
	// Auth adds the credential; nil sends none.
	Auth auth.Authorizer
	// RequestIDHeaders are looked at in this order; the first present wins.
	RequestIDHeaders []string
	// RateLimitGroups says that the service sends X-Rate-Limit-Group, so that
	// calls pass the rate gate. Without it a 429 concerns its own call alone.
	RateLimitGroups bool
	// SendXUserAgent repeats the User-Agent in X-User-Agent.
	SendXUserAgent bool
	// Explain fills in Code, Message, Details and the cause Err of e from the
	// body of an answer that is not a success; nil for none of them. It need
	// not clean the texts and must not cut them: the pipeline does both, after
	// it has taken credentials out. Err must hold no text of the body.
	Explain func(e *callinsights.Error, body []byte)
}

// Pipeline sends the requests of one client. It is safe for concurrent use.
type Pipeline struct {
	vendor   Vendor
	base     *url.URL
	header   http.Header // of every request; never changed
	observer observer
	send     sendFunc
	retrier  *retry.Retrier
	buffers  *buffers // that the attempts read bodies into
	// own is the transport of the pipeline's making, nil if it is the caller's.
	own *http.Transport
}

// sendFunc runs a call through the stages from a certain one on.
type sendFunc func(context.Context, retry.Call) retry.Outcome

// New assembles the pipeline of a client, from the inside to the outside. It
// makes no network call.
func New(cfg Config, v Vendor) (*Pipeline, error) {
	base, err := parseBaseURL(cfg.BaseURL)
	if err != nil {
		return nil, fault.Invalid("%v", err)
	}
	p := &Pipeline{
		vendor:   v,
		base:     base,
		header:   commonHeader(cfg, v),
		observer: observer{cfg.Logger, cfg.Observer},
	}

	// The caller's http.Client is innermost, so that what he has built into it
	// (proxies, tracing) sees each request. Of a copy of it, the transport and
	// the cookie jar are used; redirects and time are up to the stages around.
	var client http.Client
	client, p.own = httpClient(cfg.HTTPClient)

	// One attempt: bounded in time and size, to the configured origin alone.
	attempt := newAttempter(client, base, cfg)
	p.buffers = attempt.buffers

	// The gate is around each attempt and not around the call, so that repeats
	// wait as well. Only a service that names its rate limit groups has one.
	var gate *retry.Gate
	if v.RateLimitGroups {
		gate = retry.NewGate()
	}

	// Retries are around the gate: a refused attempt is repeated through it.
	p.retrier = retry.New(retry.Options{
		Jar: client.Jar, Attempt: attempt.send, Policy: cfg.Retry, Gate: gate,
	})

	// The credential is outside of the retries, so that a refused one is asked
	// for once and not once for each attempt.
	p.send = p.retrier.Do
	if v.Auth != nil {
		p.send = p.authorized(v.Auth)
	}

	// Decoding, in call.go, is outermost: it turns what came back into the
	// caller's value or into an error.
	return p, nil
}

// authorized is the auth stage with that credential.
func (p *Pipeline) authorized(a auth.Authorizer) sendFunc {
	return func(ctx context.Context, call retry.Call) retry.Outcome { return a.Do(ctx, call, sender{p}) }
}

// CloseIdleConnections closes the connections that no call is using. A
// transport of the caller's may serve others too, so its are left alone.
func (p *Pipeline) CloseIdleConnections() {
	if p.own != nil {
		p.own.CloseIdleConnections()
	}
}

// Vendor is the name that errors carry.
func (p *Pipeline) Vendor() string { return p.vendor.Name }

// Origin is the scheme and the host that requests go to, for fakes and tests.
func (p *Pipeline) Origin() string { return p.base.Scheme + "://" + p.base.Host }

// Format keeps the insides of a pipeline, which lead to the user's http.Client
// and what that holds, out of printed clients.
func (p *Pipeline) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "%s pipeline", p.vendor.Name) }

// sender is the pipeline as the auth stage sees it.
type sender struct{ p *Pipeline }

func (s sender) Vendor() string { return s.p.vendor.Name }

func (s sender) Send(ctx context.Context, call retry.Call) retry.Outcome {
	return s.p.retrier.Do(ctx, call)
}

func (s sender) Endpoint(path ...string) (*url.URL, error) { return join(s.p.base, path) }

func (s sender) Header() http.Header { return s.p.header.Clone() }

func (s sender) Finish(ctx context.Context, call retry.Call, out retry.Outcome, began time.Time, explain func(*callinsights.Error)) error {
	return s.p.finish(ctx, call, out, began, func(e *callinsights.Error, _ []byte) { explain(e) })
}

// commonHeader is what every request of a client carries.
func commonHeader(cfg Config, v Vendor) http.Header {
	agent := userAgent(cfg.UserAgent)
	h := http.Header{"Accept": {"application/json"}, "User-Agent": {agent}}
	if v.SendXUserAgent {
		h.Set("X-User-Agent", agent)
	}
	return h
}

// requestID is what the service calls the request of an answer.
func (p *Pipeline) requestID(answer http.Header, secrets ...opaque.Secret) string {
	for _, name := range p.vendor.RequestIDHeaders {
		if id := answer.Get(name); id != "" {
			return clean(id, secrets...)
		}
	}
	return ""
}

func userAgent(own string) string {
	info, _ := debug.ReadBuildInfo()
	module := fmt.Sprintf("callinsights-go/%s (%s; %s)", version(info), runtime.Version(), runtime.GOOS)
	if own == "" {
		return module
	}
	return own + " " + module
}

const modulePath = "github.com/callinsights/callinsights-go"

// version is that of the module in a program that was built like this, such as
// "0.1.0"; "devel" where it is not known. info may be nil.
func version(info *debug.BuildInfo) string {
	if info == nil {
		return devel
	}
	for _, module := range append(info.Deps, &info.Main) {
		if module.Path == modulePath && module.Version != "" && module.Version != "(devel)" {
			return strings.TrimPrefix(module.Version, "v")
		}
	}
	return devel
}

const devel = "devel"
