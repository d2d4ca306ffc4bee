package vonageinsightstest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
)

const root = "/insights/sessions"

// call is a request as a program in another language would send it.
type call struct {
	method, target string
	key            string // APIKey unless set; "-" is none
}

func (c call) send(t *testing.T, handler http.Handler) (*http.Response, string) {
	t.Helper()
	if c.method == "" {
		c.method = http.MethodGet
	}
	req := httptest.NewRequestWithContext(t.Context(), c.method, c.target, http.NoBody)
	switch c.key {
	case "":
		req.Header.Set("X-Vgai-Key", vonageinsightstest.APIKey)
	case "-":
	default:
		req.Header.Set("X-Vgai-Key", c.key)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, req)
	answer := w.Result()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

// encoded is the query string of names and values in turns.
func encoded(parameters ...string) string {
	query := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		query.Set(parameters[i], parameters[i+1])
	}
	return query.Encode()
}

// checkRefusal checks an error answer and the words of its text.
func checkRefusal(t *testing.T, answer *http.Response, body string, status int, want string) {
	t.Helper()
	var got struct {
		StatusCode int    `json:"statusCode"`
		Message    string `json:"message"`
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatalf("got %s, whose body is not JSON: %v", answer.Status, err)
	}
	if answer.StatusCode != status || got.StatusCode != status || !strings.Contains(got.Message, want) {
		t.Errorf("got %s %s, want %d and %q", answer.Status, body, status, want)
	}
}

func newServer(t *testing.T, documents ...string) *vonageinsightstest.Server {
	t.Helper()
	server := vonageinsightstest.NewServer()
	for _, document := range documents {
		if err := server.AddJSON([]byte(document)); err != nil {
			t.Fatal(err)
		}
	}
	return server
}

// The white space is there to be kept.
const (
	lamp  = `{"id":"s/1", "session_start_time" : "2026-03-01T23:59:59.5" ,"parameters":{"USER.ID":7,"b":"<x>"}}`
	chair = ` {"id":"s2","session_start_time":"2026-03-02","params":{"a":{"value":"new"}},` +
		`"parameters":{"a":"old","b":"kept","c":null},"params_list":[{"name":"a","value":"x"},{"name":"d","value":"listed"}]}` + "\n"
	table = `{"id":"s3","session_start_time":"2026-03-03T01:00:00+02:00"}`
)

func TestSession(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, target, want string }{
		{"documented path", "/s%2F1/parameters?session_start_time=2026-03-01", lamp},
		{"plain path", "/s%2F1?session_start_time=2026-03-01", lamp},
		{"another time of the day", "/s%2F1/parameters?session_start_time=2026-03-01T00:00:00.000001", lamp},
		{"no day", "/s2/parameters", chair},
		{"empty day", "/s2?session_start_time=", chair},
		{"a start with a zone counts in UTC", "/s3?session_start_time=2026-03-02T12:00:00", table},
		{"find", "/search/s%2F1", lamp},
		{"find without regard to a date", "/search/s2?session_start_time=never", chair},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			answer, body := call{target: root + tt.target}.send(t, newServer(t, lamp, chair, table))
			if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "application/json" {
				t.Errorf("got %s, %v", answer.Status, answer.Header)
			}
			if diff := cmp.Diff(tt.want, body); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	const day = "?session_start_time=2026-03-01"
	tests := []struct {
		name   string
		call   call
		status int
		want   string
	}{
		{"no key", call{target: root + "/s2", key: "-"}, 401, "credentials"},
		{"another key", call{target: root + "/s2", key: "fake-api-key-2"}, 401, "credentials"},
		{"no key on a search", call{target: root, key: "-"}, 401, "credentials"},
		{"no key on an unknown path", call{target: "/", key: "-"}, 401, "credentials"},
		{"unknown id", call{target: root + "/s4/parameters"}, 404, "Session not found"},
		{"unknown id on the plain path", call{target: root + "/s4"}, 404, "Session not found"},
		{"another day", call{target: root + "/s2/parameters?session_start_time=2026-03-01"}, 404, "Session not found"},
		{"find of an unknown id", call{target: root + "/search/s4"}, 404, "Session not found"},
		{"bad day", call{target: root + "/s2/parameters?session_start_time=2026-3-1"}, 401, "session_start_time"},
		{"day with a zone", call{target: root + "/s2?session_start_time=2026-03-02T00:00:00Z"}, 401, "session_start_time"},
		{"bad encoding", call{target: root + "/s2?session_start_time=%zz"}, 401, "encoded"},
		{"delete of an unknown id", call{http.MethodDelete, root + "/s4" + day, ""}, 404, "Session not found"},
		{"delete of another day", call{http.MethodDelete, root + "/s2" + day, ""}, 404, "Session not found"},
		{"delete without a day", call{http.MethodDelete, root + "/s2", ""}, 401, "session_start_time is missing"},
		{"delete with a bad day", call{http.MethodDelete, root + "/s2?session_start_time=x", ""}, 401, "session_start_time"},
		{"delete of parameters", call{http.MethodDelete, root + "/s2/parameters" + day, ""}, 404, "Not found"},
		{"delete of all", call{http.MethodDelete, root + day, ""}, 404, "Not found"},
		{"another method", call{http.MethodPost, root + "/s2" + day, ""}, 404, "Not found"},
		{"unknown path", call{target: "/insights"}, 404, "Not found"},
		{"longer name", call{target: root + "-old"}, 404, "Not found"},
		{"slash behind the search", call{target: root + "/"}, 404, "Not found"},
		{"slash behind the id", call{target: root + "/s2/"}, 404, "Not found"},
		{"no id", call{target: root + "//parameters"}, 404, "Not found"},
		{"find without an id", call{target: root + "/search/"}, 404, "Not found"},
		{"longer path", call{target: root + "/s2/parameters/x"}, 404, "Not found"},
		{"a space behind the id", call{target: root + "/s2%20"}, 404, "Session not found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, lamp, chair, table)
			answer, body := tt.call.send(t, server)
			checkRefusal(t, answer, body, tt.status, tt.want)
			for _, id := range []string{"s%2F1", "s2", "s3"} {
				if answer, _ := (call{target: root + "/search/" + id}).send(t, server); answer.StatusCode != http.StatusOK {
					t.Errorf("session %s is gone", id)
				}
			}
		})
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	server := newServer(t, lamp, chair, table)
	remove := call{http.MethodDelete, root + "/s2?session_start_time=2026-03-02T23:00:00", ""}
	answer, body := remove.send(t, server)
	if answer.StatusCode != http.StatusNoContent || body != "" {
		t.Errorf("got %s %q, want 204 and no body", answer.Status, body)
	}
	answer, body = remove.send(t, server)
	checkRefusal(t, answer, body, 404, "Session not found")
	answer, body = call{target: root + "/search/s2"}.send(t, server)
	checkRefusal(t, answer, body, 404, "Session not found")
	if diff := cmp.Diff([]string{"s/1", "s3"}, search(t, server)); diff != "" {
		t.Errorf("what is left (-want +got):\n%s", diff)
	}
}

// TestAnswerParameters: the value that counts is the one of params, then of
// parameters, then of params_list.
func TestAnswerParameters(t *testing.T) {
	t.Parallel()
	server := newServer(t, lamp, chair, table)
	server.AnswerParameters(true)
	for target, want := range map[string]string{
		"/s%2F1/parameters": `{"USER.ID":7,"b":"\u003cx\u003e"}`,
		"/s2/parameters":    `{"a":"new","b":"kept","c":null,"d":"listed"}`,
		"/s3/parameters":    `{}`,
		"/s2":               chair,
		"/search/s2":        chair,
	} {
		if answer, body := (call{target: root + target}).send(t, server); answer.StatusCode != http.StatusOK || body != want {
			t.Errorf("%s: got %s %s, want %s", target, answer.Status, body, want)
		}
	}
	server.AnswerParameters(false)
	if _, body := (call{target: root + "/s2/parameters"}).send(t, server); body != chair {
		t.Errorf("got %s, want the session again", body)
	}
}

func TestAddJSONRefusals(t *testing.T) {
	t.Parallel()
	const start = `"session_start_time":"2026-03-01T09:00:00"`
	for _, tt := range []struct{ name, document, want string }{
		{"nothing", "", "not a JSON object"},
		{"broken", `{"id":"hidden",` + start, "not a JSON object"},
		{"more behind it", `{"id":"hidden",` + start + `}{}`, "not a JSON object"},
		{"a list", `["hidden"]`, "not a JSON object"},
		{"null", `null`, "not a JSON object"},
		{"no id", `{"status":"hidden",` + start + `}`, "no id"},
		{"empty id", `{"id":"",` + start + `}`, "no id"},
		{"null id", `{"id":null,` + start + `}`, "no id"},
		{"id that is a number", `{"id":7,` + start + `}`, "no id"},
		{"two ids", `{"id":["hidden","b"],` + start + `}`, "no id"},
		{"no start", `{"id":"hidden"}`, "no session_start_time"},
		{"null start", `{"id":"hidden","session_start_time":null}`, "no session_start_time"},
		{"start that is no time", `{"id":"hidden","session_start_time":"soon"}`, "no session_start_time"},
		{"start that is a number", `{"id":"hidden","session_start_time":1772355600}`, "no session_start_time"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := vonageinsightstest.NewServer()
			err := server.AddJSON([]byte(tt.document))
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hidden") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if got := search(t, server); len(got) > 0 {
				t.Errorf("got sessions %q, want none", got)
			}
		})
	}
}

// TestAddJSONAgain: the fake has a copy, the last one counts, and it stands
// where the first one stood.
func TestAddJSONAgain(t *testing.T) {
	t.Parallel()
	server := newServer(t, lamp, chair, table)
	document := []byte(`{"id":"s2","session_start_time":"2026-03-09","status":"again"}`)
	want := string(document)
	if err := server.AddJSON(document); err != nil {
		t.Fatal(err)
	}
	copy(document, strings.Repeat("x", len(document)))
	if _, body := (call{target: root + "/search/s2"}).send(t, server); body != want {
		t.Errorf("got %s, want %s", body, want)
	}
	if diff := cmp.Diff([]string{"s/1", "s2", "s3"}, search(t, server)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFaults come in the order of Fail, each for its operation.
func TestFaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newServer(t, chair)
		server.Fail(vonageinsightstest.Fault{Op: "DeleteSession", Status: 500, Body: "mine"})
		server.Fail(vonageinsightstest.Fault{
			Status: 503, Header: http.Header{"Retry-After": {"7"}}, Body: "any", Delay: time.Second,
		})
		server.Fail(vonageinsightstest.Fault{N: 2, Delay: time.Second})
		get := call{target: root + "/s2"}
		start := time.Now()
		answer, body := get.send(t, server)
		if answer.StatusCode != http.StatusServiceUnavailable || body != "any" || answer.Header.Get("Retry-After") != "7" {
			t.Errorf("got %s %q %v, want the second fault", answer.Status, body, answer.Header)
		}
		for range 3 {
			if answer, body = get.send(t, server); answer.StatusCode != http.StatusOK || body != chair {
				t.Errorf("got %s %q, want the fake's own answer", answer.Status, body)
			}
		}
		if waited := time.Since(start); waited != 3*time.Second {
			t.Errorf("waited %v, want 3s", waited)
		}
		answer, body = call{http.MethodDelete, root + "/s2?session_start_time=2026-03-02", ""}.send(t, server)
		if answer.StatusCode != http.StatusInternalServerError || body != "mine" {
			t.Errorf("got %s %q, want the first fault", answer.Status, body)
		}
		if got := search(t, server); len(got) != 1 {
			t.Errorf("got sessions %q: a fault must not delete", got)
		}
	})
}

// TestRequests: what was sent can be looked at, but for credentials.
func TestRequests(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	for _, c := range []call{
		{target: root + "?page_size=3&page_size=4", key: "hidden"},
		{target: root + "/a%2Fb/parameters"},
		{target: root + "/a"},
		{target: root + "/search/a"},
		{method: http.MethodDelete, target: root + "/a"},
		{target: "/elsewhere"},
	} {
		c.send(t, server)
	}
	got := server.Requests()
	for i := range got {
		if key := got[i].Header.Get("X-Vgai-Key"); key != "REMOVED" {
			t.Errorf("got the key %q", key)
		}
		got[i].Header = nil
	}
	request := func(op, method, path string) vonageinsightstest.Request {
		return vonageinsightstest.Request{Op: op, Method: method, Path: path, Query: url.Values{}, Body: []byte{}}
	}
	want := []vonageinsightstest.Request{
		request("Search", "GET", root),
		request("Session", "GET", root+"/a%2Fb/parameters"),
		request("Session", "GET", root+"/a"),
		request("FindSession", "GET", root+"/search/a"),
		request("DeleteSession", "DELETE", root+"/a"),
		request("", "GET", "/elsewhere"),
	}
	want[0].Query = url.Values{"page_size": {"3", "4"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
