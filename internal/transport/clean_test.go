package transport_test

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/transport"
)

func TestBodyOfAnError(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100<<10)
	for name, tt := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"short":             {status: 404, body: "gone fishing", want: "gone fishing"},
		"none":              {status: 404},
		"long":              {status: 404, body: long, want: long[:64<<10]},
		"a useless success": {status: 200, body: long, want: long[:64<<10]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := pipeline(t, always(tt.status, tt.body), transport.Vendor{})
			e := asError(t, p.Call(t.Context(), get("thing"), func([]byte) error { return io.ErrNoProgress }))
			if got := string(e.Body()); got != tt.want || got == "" && e.Body() != nil {
				t.Errorf("%d bytes, want %d", len(got), len(tt.want))
			}
			if strings.Contains(fmt.Sprintf("%v %+v", e, e), "xxx") || strings.Contains(e.Error(), "fishing") {
				t.Error("the text holds the body")
			}
		})
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	key := secret()
	special := errors.New("the scope is missing")
	vendor := transport.Vendor{
		Auth: keyAuth(key), RequestIDHeaders: []string{"Rcrequestid", "X-Request-Id"},
		Explain: func(e *callinsights.Error, body []byte) {
			text := string(body)
			e.Code, e.Message, e.Err = "CMN-1"+text[len(text)-1:], text, special
			e.Details = []callinsights.ErrorDetail{{Code: text, Message: text, Parameter: text}}
		},
	}
	echo := "a\x00b\r\nc\u202e " + key + " " + strings.Repeat("\u00e4", 300) + "\xff0"
	m := always(403, echo, "X-Request-Id", "id-"+key+"\x7f", "Retry-After", "5")
	e := asError(t, pipeline(t, m, vendor).Call(t.Context(), get("thing"), ignore))
	hidesSecrets(t, e, key)
	if string(e.Body()) != echo {
		t.Error("the body is not as it came")
	}
	if !errors.Is(e, special) || !errors.Is(e, callinsights.ErrForbidden) || e.Code != "CMN-10" || e.RequestID != "id-REDACTED" || e.RetryAfter != 5*time.Second {
		t.Errorf("error = %#v", e)
	}
	if e.Details[0].Code != "" {
		t.Errorf("code %q, which is none", e.Details[0].Code)
	}
	for _, text := range []string{e.Message, e.Details[0].Message, e.Details[0].Parameter} {
		if !strings.HasPrefix(text, "ab  c REDACTED \u00e4\u00e4") || len(text) > 500 || len(text) < 499 {
			t.Errorf("text %d bytes: %q", len(text), text)
		}
	}
}

// Logs show codes and no other text of the service, which some services send
// where a code belongs.
// TestSecretsAcrossTheCut: a long text is cut behind the credential that it may hold,
// of which nobody would recognise a half.
func TestSecretsAcrossTheCut(t *testing.T) {
	t.Parallel()
	key := secret()
	long := strings.Repeat("x", 480) + key
	vendor := transport.Vendor{Auth: keyAuth(key), RequestIDHeaders: []string{"X-Request-Id"}}
	once := func(c *transport.Config) { c.Retry.MaxAttempts = 1 }
	answer := asError(t, pipeline(t, always(403, "{}", "X-Request-Id", long), vendor).Call(t.Context(), get("thing"), ignore))
	network := asError(t, pipeline(t, failing(errors.New(long+"\n")), vendor, once).Call(t.Context(), get("thing"), ignore))
	for name, text := range map[string]string{"request id": answer.RequestID, "cause": network.Err.Error()} {
		if strings.Contains(text, key[:4]) || len(text) > 500 || !strings.HasPrefix(text, "xxx") {
			t.Errorf("%s: got %d bytes that end in %q", name, len(text), text[max(0, len(text)-30):])
		}
	}
}

func TestFreeTextIsNoCode(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ code, message, wantCode, wantMessage string }{
		"a code":               {code: "CMN-401.a_b", message: "no", wantCode: "CMN-401.a_b", wantMessage: "no"},
		"none":                 {message: "no", wantMessage: "no"},
		"a text":               {code: "No insights for Ada, 555-0142", wantMessage: "No insights for Ada, 555-0142"},
		"a text and a message": {code: "No insights for Ada", message: "no", wantMessage: "no"},
		"too long":             {code: strings.Repeat("a", 65), wantMessage: strings.Repeat("a", 65)},
		"not ASCII":            {code: "grün", wantMessage: "grün"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := callinsights.ErrorDetail{Code: tt.wantCode, Message: tt.wantMessage}
			vendor := transport.Vendor{Explain: func(e *callinsights.Error, _ []byte) {
				e.Code, e.Message = tt.code, tt.message
				e.Details = []callinsights.ErrorDetail{{Code: tt.code, Message: tt.message}}
			}}
			e := asError(t, pipeline(t, always(400, "{}"), vendor).Call(t.Context(), get("thing"), ignore))
			if diff := cmp.Diff([]callinsights.ErrorDetail{want, want}, append(e.Details, callinsights.ErrorDetail{Code: e.Code, Message: e.Message})); diff != "" {
				t.Errorf("code and message (-want +got):\n%s", diff)
			}
		})
	}
}

// What is searched for may be personal data, and a service may repeat it.
func TestMessagesDoNotRepeatTheQuery(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ query, message, want string }{
		"as it is meant":    {query: "x=1&phone=%2B1-555-0142", message: "bad phone +1-555-0142!", want: "bad phone \u2026!"},
		"as it is sent":     {query: "x=1&phone=%2B1-555-0142", message: "bad ?phone=%2B1-555-0142", want: "bad ?phone=\u2026"},
		"one in another":    {query: "a=Ada+Example&b=Ada+Example-Long", message: "no Ada Example-Long", want: "no \u2026"},
		"across the cut":    {query: "a=Ada-Example", message: strings.Repeat("x", 495) + "Ada-Example", want: strings.Repeat("x", 495) + "\u2026"},
		"too short":         {query: "a=Ada", message: "no Ada", want: "no Ada"},
		"malformed":         {query: "a=%zzzz", message: "%zzzz?", want: "\u2026?"},
		"of our paging":     {query: "page_number=1000&page_size=1000&a=1000-b", message: "of 10000, by 1000-b", want: "of 10000, by \u2026"},
		"of no number":      {query: "page=Ada-Example&perPage=123456", message: "Ada-Example of 123456", want: "\u2026 of \u2026"},
		"without any value": {query: "abcd", message: "no abcd", want: "no abcd"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vendor := transport.Vendor{Explain: func(e *callinsights.Error, _ []byte) {
				e.Message, e.Details = tt.message, []callinsights.ErrorDetail{{Message: tt.message}}
			}}
			r := get("thing")
			r.Query = tt.query
			e := asError(t, pipeline(t, always(400, "{}"), vendor).Call(t.Context(), r, ignore))
			if diff := cmp.Diff([]string{tt.want, tt.want}, []string{e.Message, e.Details[0].Message}); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

// A key of a document may be the credential, and the place of a fault is made
// of keys.
func TestCausesDoNotHandOutTheCredential(t *testing.T) {
	t.Parallel()
	key := secret()
	at := func(path string) error { return &callinsights.DecodeError{Path: path, Err: io.ErrUnexpectedEOF} }
	p := pipeline(t, always(200, "{}"), transport.Vendor{Auth: keyAuth(key)})
	err := p.Call(t.Context(), get("thing"), func([]byte) error { return at("hits[0]." + key) })
	hidesSecrets(t, err, key)
	if found, ok := errors.AsType[*callinsights.DecodeError](err); ok {
		t.Errorf("errors.AsType found one with a path of %d bytes", len(found.Path))
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) || !errors.Is(err, callinsights.ErrInvalidResponse) {
		t.Errorf("err = %v", err)
	}
	err = p.Call(t.Context(), get("thing"), func([]byte) error { return at("hits[0]") })
	if found, ok := errors.AsType[*callinsights.DecodeError](err); !ok || found.Path != "hits[0]" {
		t.Errorf("err = %v, want one with the place", err)
	}
}

// A text of a server holds no control characters, not the credential, and is
// short, whatever it sends.
func FuzzErrorTexts(f *testing.F) {
	const key = "sentinel-credential-4711"
	for _, seed := range []string{"", "bad thing", key, "sentinel-\x00credential-4711", "sentinel%2Dcredential-4711", strings.Repeat("\u00e4", 400), "\xff\xfe", "a\r\nb"} {
		f.Add(seed, "id")
	}
	f.Fuzz(func(t *testing.T, body, id string) {
		vendor := transport.Vendor{
			Name: "vendor", Auth: keyAuth(key), RequestIDHeaders: []string{"X-Request-Id"},
			Explain: func(e *callinsights.Error, body []byte) {
				e.Message, e.Details = string(body), []callinsights.ErrorDetail{{Message: string(body)}}
			},
		}
		e := asError(t, pipeline(t, always(404, body, "X-Request-Id", id), vendor).Call(t.Context(), get("thing"), ignore))
		for _, text := range []string{e.Message, e.RequestID, e.Details[0].Message} {
			if len(text) > 500 || strings.Contains(text, key) || strings.ContainsAny(text, "\r\n\x00\x1b\u202e\u0085") || strings.ToValidUTF8(text, "") != text {
				t.Errorf("text %q", text)
			}
		}
		if strings.Contains(e.Error(), key) {
			t.Error("the error holds the credential")
		}
	})
}

func TestFormsOfASecret(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ key, message, want string }{
		"as it is":        {key: "k/e y+1", message: "bad key k/e y+1!", want: "bad key REDACTED!"},
		"in a query":      {key: "k/e y+1", message: "?key=k%2Fe+y%2B1&x", want: "?key=REDACTED&x"},
		"in a path":       {key: "k/e y+1", message: "/k%2Fe%20y+1/x", want: "/REDACTED/x"},
		"twice":           {key: "abcdef", message: "abcdefabcdef", want: "REDACTEDREDACTED"},
		"too short to be": {key: "key", message: "bad key", want: "bad key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vendor := transport.Vendor{Auth: keyAuth(tt.key), Explain: func(e *callinsights.Error, body []byte) { e.Message = string(body) }}
			e := asError(t, pipeline(t, always(404, tt.message), vendor).Call(t.Context(), get("thing"), ignore))
			if e.Message != tt.want {
				t.Errorf("message %q, want %q", e.Message, tt.want)
			}
		})
	}
}

// net/http puts the URL with its query into the text of every error.
func TestNetworkErrors(t *testing.T) {
	t.Parallel()
	key, query := secret(), "filter=personal-data"
	inner := errors.New("connection refused")
	around := func(err error) error { return &url.Error{Op: "Get", URL: base + "?" + query, Err: err} }
	for name, tt := range map[string]struct {
		err  error
		want string
		is   error
	}{
		"plain":                  {err: inner, want: "connection refused", is: inner},
		"of net/http":            {err: around(inner), want: "connection refused", is: inner},
		"wrapped":                {err: fmt.Errorf("tracing %s: %w", query, around(around(inner))), want: "connection refused", is: inner},
		"with a URL in its text": {err: fmt.Errorf("GET https://me:pw@proxy.test:3128/x?%s \"failed\": %w", query, inner), want: `GET https://proxy.test:3128 "failed": connection refused`, is: inner},
		"with a bare URL":        {err: errors.New("no route to http://proxy.test?" + query), want: "no route to http://proxy.test"},
		"with the credential":    {err: fmt.Errorf("header X-Key: %s: %w", key, inner), want: "header X-Key: REDACTED: connection refused", is: inner},
		"on several lines":       {err: errors.New("a\nb"), want: "a b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := get("thing")
			r.Query = query
			p := pipeline(t, failing(tt.err), transport.Vendor{Auth: keyAuth(key)}, func(c *transport.Config) { c.Retry.MaxAttempts = 1 })
			err := p.Call(t.Context(), r, ignore)
			e := asError(t, err)
			hidesSecrets(t, err, key, query, "pw@")
			if e.Err.Error() != tt.want || tt.is != nil && !errors.Is(err, tt.is) || !errors.Is(err, callinsights.ErrUnavailable) {
				t.Errorf("cause %q, want %q", e.Err, tt.want)
			}
			if _, ok := errors.AsType[*url.Error](err); ok {
				t.Error("the chain holds a *url.Error")
			}
		})
	}
}
