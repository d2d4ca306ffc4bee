package ringsense_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// spelling is a service that writes a text in another way in its answers to
// requests with one of the methods.
func spelling(server http.Handler, methods, from, to string) ringsense.Option {
	return through(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, r)
		maps.Copy(w.Header(), answer.Header())
		body := answer.Body.String()
		if strings.Contains(methods, r.Method) {
			body = strings.ReplaceAll(body, from, to)
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(answer.Code)
		_, _ = w.Write([]byte(body))
	}))
}

// TestKeepSubscribedSpellings: what the service writes in another way is neither
// taken for changed nor for somebody else's.
func TestKeepSubscribedSpellings(t *testing.T) {
	t.Parallel()
	const address = "https://Hooks.Example.com/Ring?a=B"
	tests := map[string]struct{ methods, from, to string }{
		"as it is":            {"", "", ""},
		"host":                {"GET POST", "Hooks.Example.com", "hooks.example.com"},
		"host in lists alone": {"GET", "Hooks.Example.com", "hooks.example.com"},
		"hidden query":        {"GET POST", "a=B", "***"},
		"no address at all":   {"GET", `"address"`, `"omitted"`},
		"filter in capitals":  {"GET POST", "/ai/ringsense", "/ai/RingSense"},
		"filter with a host":  {"GET POST", `"/ai/ringsense`, `"https://platform.example.com/ai/ringsense`},
		"filter sans query":   {"GET POST", "?threshold=60&interval=30", ""},
		"filter turned round": {"GET", "?threshold=60&interval=30", "?interval=30&threshold=60"},
		"no filters told":     {"POST", `"eventFilters"`, `"omitted"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ringsensetest.NewServer()
				s := hookRequest()
				s.Address = address
				s.EventFilters = append(s.EventFilters, ringsense.ReminderFilter(time.Minute, 30*time.Second))
				k := keep(t, server, s, spelling(server, tt.methods, tt.from, tt.to))
				k.expect(t, "at first", "created")
				time.Sleep(2 * 24 * time.Hour)
				k.expect(t, "then", "")
				if n := len(server.Subscriptions()); n != 1 {
					t.Errorf("%d subscriptions live, want 1", n)
				}
				k.stop(t)
			})
		})
	}
}

// TestKeepSubscribedKnowsItsOwn: what it made and replaced is removed, also if the
// service does not tell the address.
func TestKeepSubscribedKnowsItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		k := keep(t, server, hookRequest(), spelling(server, "GET POST", hook, "https://***"))
		server.Fail(ringsensetest.Fault{Op: "RenewSubscription", Status: 400, Body: `{"errorCode":"SUB-406"}`})
		time.Sleep(84 * time.Hour)
		k.expect(t, "when renewal is refused", "created lost created removed")
		live(t, server, 1)
		k.stop(t)
	})
}

// TestKeepSubscribedAddresses: others with the same address go, however its host
// is written, and those of other addresses stay, also if none is told.
func TestKeepSubscribedAddresses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		address string
		goes    bool
	}{
		"the same":       {hook, true},
		"another host":   {"https://other.example.com/ringsense", false},
		"host, capitals": {"https://HOOKS.example.com/ringsense", true},
		"path, capitals": {"https://hooks.example.com/RingSense", false},
		"a query":        {hook + "?a=b", false},
		"no URL":         {"https://hooks.example.com/%zz", false},
		"none":           {"", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := ringsensetest.NewServer()
				const id = "somebody-elses"
				server.Fail(ringsensetest.Fault{Op: "Subscriptions", Status: 200, Body: `{"records":[{"id":"` + id + `","deliveryMode":{"address":"` + tt.address + `"}}]}`})
				server.Fail(ringsensetest.Fault{Op: "Unsubscribe", Status: 204})
				k := keep(t, server, hookRequest())
				k.expect(t, "at first", map[bool]string{true: "created removed", false: "created"}[tt.goes])
				k.stop(t)
			})
		})
	}
}
