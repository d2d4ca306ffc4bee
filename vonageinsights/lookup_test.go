package vonageinsights_test

import (
	stdcmp "cmp"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callinsights/callinsights-go/internal/jsontest"
	"github.com/callinsights/callinsights-go/vonageinsights"
)

func TestSession(t *testing.T) {
	t.Parallel()
	want := decode(t, testdata(t, "session.json"))
	east := time.FixedZone("east", 2*60*60)
	tests := map[string]struct {
		opts  []vonageinsights.Option
		at    time.Time
		path  string
		query string
	}{
		"full time":        {nil, start.In(east), "/insights/sessions/" + sessionID + "/parameters", "2031-05-01T09:30:15.250125"},
		"another time":     {nil, start.Add(time.Hour), "/insights/sessions/" + sessionID + "/parameters", "2031-05-01T10:30:15.250125"},
		"day":              {nil, start.Truncate(24 * time.Hour), "/insights/sessions/" + sessionID + "/parameters", "2031-05-01"},
		"without time":     {nil, time.Time{}, "/insights/sessions/" + sessionID + "/parameters", ""},
		"without a suffix": {[]vonageinsights.Option{vonageinsights.WithPlainSessionPath()}, start, "/insights/sessions/" + sessionID, "2031-05-01T09:30:15.250125"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			got, err := server.Client(test.opts...).Session(t.Context(), sessionID, test.at)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(vonageinsights.Session{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want.RawJSON(), got.RawJSON()); diff != "" {
				t.Errorf("RawJSON (-want +got):\n%s", diff)
			}
			sent := server.Requests()
			if len(sent) != 1 || sent[0].Method != http.MethodGet || sent[0].Path != test.path || sent[0].Query.Get("session_start_time") != test.query || sent[0].Query.Has("session_start_time") != (test.query != "") {
				t.Errorf("got the requests %+v", sent)
			}
		})
	}
}

func TestSessionOfParametersAlone(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	server.AnswerParameters(true)
	got, err := server.Client().Session(t.Context(), sessionID, start)
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != sessionID {
		t.Errorf("got the id %q, want the one asked for", got.ID)
	}
	want := map[string]string{"name": "Zoë Quill", "amount": "", "USER.RECORD_ID": "0042"}
	if diff := cmp.Diff(want, got.Parameters()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	jsontest.RoundTrip(t, got)
	if got.RawJSON() != `{"USER.RECORD_ID":"0042","amount":"","name":"Zoë Quill"}` {
		t.Errorf("got the text %s", got.RawJSON())
	}
}

func TestSingleSessionAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body     string
		want     *vonageinsights.Session
		kind     error
		says     string
		findKind error // where FindSession differs
	}{
		"the session":           {body: `{"id":"s","status":"ended"}`, want: &vonageinsights.Session{ID: "s", Status: "ended"}},
		"status without id":     {body: `{"status":"ended"}`, want: &vonageinsights.Session{ID: "asked", Status: "ended"}},
		"start without id":      {body: `{"session_start_time":"2031-05-01"}`, want: &vonageinsights.Session{ID: "asked", SessionStartTime: may}},
		"a page of one":         {body: `{"total":1,"hits":[{"id":"s"}]}`, want: &vonageinsights.Session{ID: "s"}},
		"a page of none":        {body: `{"total":0,"hits":[]}`, kind: vonageinsights.ErrNotFound, says: "the answer holds no session"},
		"a page of two":         {body: `{"total":2,"hits":[{"id":"s"},{"id":"t"}]}`, kind: vonageinsights.ErrInvalidResponse, says: "2 sessions instead of one"},
		"a page that is broken": {body: `{"total":{},"hits":[]}`, kind: vonageinsights.ErrInvalidResponse, says: "total at offset"},
		"parameters":            {body: `{"hits":"7"}`, want: &vonageinsights.Session{ID: "asked"}, findKind: vonageinsights.ErrInvalidResponse},
		"an empty object":       {body: `{}`, want: &vonageinsights.Session{ID: "asked"}, findKind: vonageinsights.ErrInvalidResponse},
		"byte order mark":       {body: "\ufeff{\"id\":\"s\"}\n", want: &vonageinsights.Session{ID: "s"}},
		"a list":                {body: `[{"id":"s"}]`, kind: vonageinsights.ErrInvalidResponse, says: "want an object"},
		"null":                  {body: `null`, kind: vonageinsights.ErrInvalidResponse, says: "want an object"},
		"HTML":                  {body: `<html><body>Welcome</body></html>`, kind: vonageinsights.ErrInvalidResponse, says: "an HTML page instead of JSON"},
		"nothing":               {body: ``, kind: vonageinsights.ErrInvalidResponse, says: "the answer is empty"},
		"a broken session":      {body: `{"id":"s","channel_data":{"duration":"x"}}`, kind: vonageinsights.ErrInvalidResponse, says: "channel_data.duration at offset"},
		"a cut session":         {body: `{"id":"s","channel_da`, kind: vonageinsights.ErrInvalidResponse, says: "unexpected EOF"},
		"trailing data":         {body: `{"id":"s"} {"id":"t"}`, kind: vonageinsights.ErrInvalidResponse, says: "unexpected data after the value"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := onWire(t, respond(http.StatusOK, test.body), vonageinsights.WithRetry(vonageinsights.RetryPolicy{MaxAttempts: 1}))
			check := func(got *vonageinsights.Session, err, kind error) {
				t.Helper()
				if kind != nil {
					if got != nil || !errors.Is(err, kind) || !strings.Contains(err.Error(), test.says) {
						t.Errorf("got %v, %v; want a %v with %q", got, err, kind, test.says)
					}
					return
				}
				if err != nil {
					t.Error(err)
				} else if diff := cmp.Diff(test.want, got, cmpopts.IgnoreUnexported(vonageinsights.Session{})); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
			got, err := client.Session(t.Context(), "asked", may)
			check(got, err, test.kind)
			got, err = client.FindSession(t.Context(), "asked")
			check(got, err, stdcmp.Or(test.kind, test.findKind))
		})
	}
}

func TestFindSession(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	got, err := server.Client().FindSession(t.Context(), sessionID)
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != sessionID || len(got.FlowPath) != 3 {
		t.Errorf("got the session %q with %d steps", got.ID, len(got.FlowPath))
	}
	if sent := server.Requests(); len(sent) != 1 || sent[0].Path != "/insights/sessions/search/"+sessionID || len(sent[0].Query) > 0 {
		t.Errorf("got the requests %+v", sent)
	}
}

func TestDeleteSession(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	client := server.Client()
	if err := client.DeleteSession(t.Context(), sessionID, start); err != nil {
		t.Fatal(err)
	}
	sent := server.Requests()
	if len(sent) != 1 || sent[0].Method != http.MethodDelete || sent[0].Path != "/insights/sessions/"+sessionID ||
		sent[0].Query.Get("session_start_time") != "2031-05-01T09:30:15.250125" {
		t.Errorf("got the requests %+v", sent)
	}
	if _, err := client.FindSession(t.Context(), sessionID); !errors.Is(err, vonageinsights.ErrNotFound) {
		t.Errorf("got %v after the deletion, want ErrNotFound", err)
	}
	err := client.DeleteSession(t.Context(), sessionID, start)
	if !errors.Is(err, vonageinsights.ErrNotFound) || strings.Contains(err.Error(), "earlier attempt") {
		t.Errorf("got %v for a session that is gone, want ErrNotFound", err)
	}
}

func TestDeleteTakesAnySuccess(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "<html>", "{", `{"deleted":true}`} {
		if err := onWire(t, respond(http.StatusOK, body)).DeleteSession(t.Context(), "s", may); err != nil {
			t.Errorf("body %q: %v", body, err)
		}
	}
}

// TestDeleteThatWasRepeated: the first attempt deleted the session and its answer
// was lost.
func TestDeleteThatWasRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		client := onWire(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			if attempts++; attempts == 1 {
				return nil, io.ErrUnexpectedEOF
			}
			return respond(http.StatusNotFound, `{"message":"gone"}`)(r)
		}))
		err := client.DeleteSession(t.Context(), "s", may)
		if !errors.Is(err, vonageinsights.ErrNotFound) || !strings.Contains(err.Error(), "an earlier attempt of this call may have deleted it") {
			t.Errorf("got %v, want an ErrNotFound that says what may have happened", err)
		}
	})
}

func TestSessionIDRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ id, says string }{
		"empty":          {"", "the session id is empty"},
		"a space":        {"a b", "holds a space"},
		"a newline":      {"a\n", "holds a space"},
		"a slash":        {"../../admin", "holds a slash"},
		"another call":   {"search", "no session id"},
		"a dot":          {".", "path"},
		"two dots":       {"..", "path"},
		"a control":      {"a\x01", "control"},
		"invalid UTF-8":  {"a\xff", "UTF-8"},
		"beyond all use": {strings.Repeat("a", 513), "512"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			client := server.Client()
			_, err := client.Session(t.Context(), test.id, start)
			checkRefused(t, err, "Session", test.says)
			_, err = client.FindSession(t.Context(), test.id)
			checkRefused(t, err, "FindSession", test.says)
			checkRefused(t, client.DeleteSession(t.Context(), test.id, start), "DeleteSession", test.says)
			if sent := server.Requests(); len(sent) > 0 {
				t.Errorf("%d requests were sent", len(sent))
			}
		})
	}
}

func TestSessionIDIsEscaped(t *testing.T) {
	t.Parallel()
	sent := &wire{}
	client := onWire(t, sent)
	for _, id := range []string{"a?b#c%2F", "ünï~.-_", "a;b,c=d&e+f"} {
		_, _ = client.FindSession(t.Context(), id)
	}
	want := []string{
		"/insights/sessions/search/a%3Fb%23c%252F",
		"/insights/sessions/search/%C3%BCn%C3%AF~.-_",
		"/insights/sessions/search/a%3Bb%2Cc=d&e+f",
	}
	if diff := cmp.Diff(want, sent.urls); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSessionTimeRefused(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	client := server.Client()
	checkRefused(t, client.DeleteSession(t.Context(), sessionID, time.Time{}), "DeleteSession", "its day is required")
	_, err := client.Session(t.Context(), sessionID, may.AddDate(9000, 0, 0))
	checkRefused(t, err, "Session", "is in year 11031")
	if sent := server.Requests(); len(sent) > 0 {
		t.Errorf("%d requests were sent", len(sent))
	}
}
