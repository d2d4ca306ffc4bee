package callinsights_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"unicode"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

// A check that sees nothing would find nothing.
func TestChecksSeeSecrets(t *testing.T) {
	t.Parallel()
	r := &rig{}
	whole := r.sentinel()
	secret := r.secrets[0]
	for name, text := range map[string]string{
		"plain":           "a " + whole + " b",
		"escaped":         "token=" + url.QueryEscape(whole),
		"in base64":       base64.StdEncoding.EncodeToString([]byte(whole)),
		"in base64, late": base64.StdEncoding.EncodeToString([]byte("user:" + whole + " and more")),
		"in HTTP Basic":   base64.StdEncoding.EncodeToString([]byte("id:" + url.QueryEscape(whole))),
		"in hex":          fmt.Sprintf("%x", whole),
		"in a struct":     fmt.Sprintf("%#v", struct{ key string }{whole}),
		"in JSON":         encoded(map[string]string{"key": whole}),
		"behind an error": causes(fmt.Errorf("first: %w", &callinsights.Error{Err: errors.New(whole)})),
	} {
		if !shows(text, secret) {
			t.Errorf("%s: a secret is not seen", name)
		}
	}
	if shows("an ordinary text, of which not much can be said; and "+base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 99))), secret) {
		t.Error("a secret is seen where there is none")
	}
}

// Programs print, log and wrap what they hold: clients before and after use,
// options for them, and errors.
func TestHoldersShowNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "http://localhost:8080")
		r.checkSecrets(t, nil)
		for _, o := range operations() {
			if err := o.run(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			r.checkSecrets(t, nil)
		}
	})
}

const panicVariable = "CALLINSIGHTS_TEST_PANIC"

// A panic prints its value and the arguments of the functions on the stack. The
// test runs itself again as a program that panics with all that it has.
func TestPanicShowsNothing(t *testing.T) {
	t.Parallel()
	if key := os.Getenv(panicVariable); key != "" {
		crash(t, key)
	}
	r := &rig{}
	key := r.sentinel()
	program := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPanicShowsNothing$")
	program.Env = append(os.Environ(), panicVariable+"="+key, "GOTRACEBACK=all")
	output, err := program.CombinedOutput()
	if err == nil || !strings.Contains(string(output), "panic: ") || !strings.Contains(string(output), "goroutine ") {
		t.Fatalf("the program ended with %v and did not panic", err)
	}
	if shows(string(output), r.secrets[0]) {
		t.Error("what the program printed shows a credential")
	}
}

// crash panics while the credentials are in use.
func crash(t *testing.T, key string) {
	t.Helper()
	auth := ringsense.JWT(key, key, key)
	client, err := vonageinsights.NewClient(key, vonageinsights.EU, vonageinsights.WithHTTPClient(&http.Client{
		Transport: roundTripper(func(*http.Request) (*http.Response, error) { panic(fmt.Sprintf("%v %#v", auth, &auth)) }),
	}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.FindSession(t.Context(), "s-1")
	t.Fatal("no panic, but ", err)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// Whatever the body of an error is, also that of a login: the error has a kind
// and a text of one line, which is short and holds no credential.
func FuzzErrorBody(f *testing.F) {
	// The same in all processes of a fuzzing run.
	const secret = "SENTINEL7Q4K2M9XW1ZC5V8BJH"
	const key = secret + "+/="
	for _, body := range []string{
		"", "{}", "null", "[]", "<html>", `{"message":"` + key + `"}`, `{"error":"` + key + `"}`, `{"errors":[{"errorCode":"CMN-101","message":"no"}]}`,
		`{"errors":[{"errorCode":"OAU-213","parameters":[{"parameterName":"` + key + `"}]}]}`, `{"error":{"detail":"` + url.QueryEscape(key) + `"}}`,
		`{"error":"invalid_grant","error_description":"` + key + `"}`, "{\"message\":\"a\\nb\xff\\u202e\"}", `{"message":"` + strings.Repeat("long ", 999) + `"}`,
	} {
		f.Add(body, uint16(400))
		f.Add(body, uint16(401))
		f.Add(body, uint16(404))
	}
	f.Add(secret[:9]+"\x0f"+secret[9:], uint16(404))
	f.Fuzz(func(t *testing.T, body string, status uint16) {
		status = 400 + status%200
		// What does not show is taken out of texts, which may join the parts of one.
		shown := strings.Map(func(r rune) rune {
			if !unicode.IsSpace(r) && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
				return -1
			}
			return r
		}, body)
		if strings.Contains(shown, secret[1:]) && !strings.Contains(shown, key) {
			t.Skip("a part of a credential is not one")
		}
		reply := func(status int, body string) *http.Response {
			return &http.Response{
				StatusCode: status, Header: http.Header{"Rcrequestid": {body}, "X-Request-Id": {body}},
				ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
			}
		}
		// An odd status befalls the login, an even one the call.
		client := &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			if req.URL.Path == tokenPath && status%2 == 0 {
				return reply(http.StatusOK, `{"access_token":"`+key+`"}`), nil
			}
			return reply(int(status), body), nil
		})}
		once := callinsights.RetryPolicy{MaxAttempts: 1}
		vonage, err := vonageinsights.NewClient(key, vonageinsights.EU, vonageinsights.WithHTTPClient(client), vonageinsights.WithRetry(once))
		if err != nil {
			t.Fatal(err)
		}
		rs, err := ringsense.NewClient(ringsense.JWT("app", key, key), ringsense.WithHTTPClient(client), ringsense.WithRetry(once))
		if err != nil {
			t.Fatal(err)
		}
		_, err = rs.RecordingInsights(t.Context(), "31")
		checkErrorOf(t, err, secret)
		_, err = vonage.FindSession(t.Context(), "s-1")
		checkErrorOf(t, err, secret)
	})
}

func checkErrorOf(t *testing.T, err error, secret string) {
	t.Helper()
	e, ok := errors.AsType[*callinsights.Error](err)
	if !ok {
		t.Fatalf("err = %v", err)
	}
	kinds := 0
	for _, kind := range []error{
		callinsights.ErrInvalidRequest, callinsights.ErrUnauthorized, callinsights.ErrForbidden,
		callinsights.ErrNotFound, callinsights.ErrRateLimited, callinsights.ErrUnavailable,
	} {
		if errors.Is(err, kind) {
			kinds++
		}
	}
	if text := e.Error(); kinds == 0 || len(text) > 4096 || strings.ContainsAny(text, "\r\n\x00\x1b\u202e") {
		t.Errorf("of %d kinds, with the text %q", kinds, text)
	}
	if text := e.Error() + e.LogValue().String() + e.Code + e.Message + e.RequestID; shows(text, secret) {
		t.Error("the error shows a credential")
	}
}

// checkSecrets fails if a credential of the rig is in a text of err, in a line
// of the log, in what was observed, or in a client or an Auth that is printed,
// also from an unexported field of somebody else's struct.
func (r *rig) checkSecrets(t *testing.T, err error) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	holder := struct {
		client, other any
		auth          any
		inner         struct{ value any }
	}{client: r.ringsense, other: r.vonage, auth: r.auth}
	holder.inner.value = *r.ringsense
	texts := map[string]string{
		"the log":           r.log.String(),
		"an observation":    printed(r.seen),
		"a client":          printed(r.ringsense) + printed(*r.ringsense) + printed(r.vonage),
		"an Auth":           printed(r.auth) + printed(&r.auth),
		"a holder of them":  printed(holder) + printed(&holder),
		"the error":         printed(err),
		"a cause":           causes(err),
		"the error in JSON": encoded(err),
	}
	for _, seen := range r.seen {
		texts["an observed error"] += printed(seen.Err) + causes(seen.Err) + encoded(seen)
	}
	for where, text := range texts {
		for _, secret := range r.secrets {
			if shows(text, secret) {
				t.Errorf("%s shows a credential", where)
			}
		}
	}
}

// shows looks for a secret as it is, escaped or not, and in base64.
func shows(text, secret string) bool {
	whole := secret + "+/="
	if strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
		return true
	}
	for _, form := range []string{whole, url.QueryEscape(whole)} {
		// Where it stands in a longer text that is encoded, so much of it shows.
		for shift := range 3 {
			hidden := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", shift) + form))
			if strings.Contains(text, hidden[4:len(hidden)-8]) {
				return true
			}
		}
	}
	return false
}

func printed(v any) string {
	return fmt.Sprintf("%v %+v %#v %s %q %x", v, v, v, v, v, v)
}

func causes(err error) string {
	if err == nil {
		return ""
	}
	var text strings.Builder
	text.WriteString(printed(err))
	if e, ok := errors.AsType[*callinsights.Error](err); ok {
		text.WriteString(printed(*e) + printed(e.LogValue().String()))
	}
	switch e := err.(type) { //nolint:errorlint // one layer at a time
	case interface{ Unwrap() error }:
		text.WriteString(causes(e.Unwrap()))
	case interface{ Unwrap() []error }:
		for _, cause := range e.Unwrap() {
			text.WriteString(causes(cause))
		}
	}
	return text.String()
}

func encoded(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
