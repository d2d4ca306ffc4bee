package ringsensetest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

func insightsCall(server *ringsensetest.Server) call {
	return call{target: insightsPath + "~/domains/pbx/records/31/insights", token: server.IssueToken()}
}

// limitHeaders are what an answer says of the limit.
func limitHeaders(h http.Header) string {
	return strings.Join([]string{
		h.Get("X-Rate-Limit-Group"), h.Get("X-Rate-Limit-Limit"), h.Get("X-Rate-Limit-Remaining"),
		h.Get("X-Rate-Limit-Window"), h.Get("Retry-After"),
	}, " ")
}

// TestRateLimit fills a group, is penalised, makes the penalty begin anew, and
// waits until it is over.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newServer(t)
		server.SetRateLimits(true)
		insights := insightsCall(server)
		status := func() int {
			answer, _ := insights.send(t, server)
			return answer.StatusCode
		}
		for i := range 50 {
			answer, _ := insights.send(t, server)
			if want := fmt.Sprintf("light 50 %d 60 ", 49-i); answer.StatusCode == http.StatusTooManyRequests || limitHeaders(answer.Header) != want {
				t.Fatalf("request %d: got %s with %q, want %q", i+1, answer.Status, limitHeaders(answer.Header), want)
			}
		}
		answer, body := insights.send(t, server)
		if answer.StatusCode != http.StatusTooManyRequests || limitHeaders(answer.Header) != "light 50 0 60 60" || !strings.Contains(body, "CMN-301") {
			t.Errorf("got %s with %q: %s", answer.Status, limitHeaders(answer.Header), body)
		}
		time.Sleep(59 * time.Second)
		if got := status(); got != http.StatusTooManyRequests {
			t.Errorf("got %d during the penalty", got)
		}
		time.Sleep(59 * time.Second)
		if got := status(); got != http.StatusTooManyRequests {
			t.Errorf("got %d, want the penalty to have begun anew", got)
		}
		time.Sleep(time.Minute)
		if got := status(); got == http.StatusTooManyRequests {
			t.Error("the penalty does not end")
		}
		server.SetRateLimits(false)
		for range 100 {
			if answer, _ := insights.send(t, server); limitHeaders(answer.Header) != "    " {
				t.Fatalf("got the headers %q, want none", limitHeaders(answer.Header))
			}
		}
	})
}

func TestRateLimitSlides(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newServer(t)
		server.SetRateLimits(true)
		insights := insightsCall(server)
		for i := range 200 { // 49 a minute
			if answer, _ := insights.send(t, server); answer.StatusCode == http.StatusTooManyRequests {
				t.Fatalf("request %d is too many", i+1)
			}
			time.Sleep(1225 * time.Millisecond)
		}
	})
}

// TestRateLimitGroups: each has its own limit.
func TestRateLimitGroups(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newServer(t)
		server.SetRateLimits(true)
		token := server.IssueToken()
		tests := []struct {
			call call
			want string
		}{
			{login(), "auth 5"},
			{call{target: "/restapi/v1.0/account/~/call-log", token: token}, "heavy 10"},
			{call{target: "/restapi/v1.0/account/~/extension/~/authz-profile/check?permissionId=ReadCallLog", token: token}, "light 50"},
			{call{method: http.MethodDelete, target: "/restapi/v1.0/subscription/7", token: token}, "medium 40"},
			{call{target: "/restapi/v1.0/subscription/7", token: token}, "light 50"},
			{call{target: "/unknown", token: token}, "light 50"},
			{call{target: insightsPath + "~/domains/pbx/sessions/s-1/insights"}, "light 50"},
		}
		for _, test := range tests {
			answer, _ := test.call.send(t, server)
			if got := limitHeaders(answer.Header); !strings.HasPrefix(got, test.want+" ") {
				t.Errorf("%s: got %q, want %q", test.call.target, got, test.want)
			}
		}
		server.SetRetryAfter(false)
		for range 10 {
			login().send(t, server)
		}
		answer, _ := login().send(t, server)
		if got := limitHeaders(answer.Header); answer.StatusCode != http.StatusTooManyRequests || got != "auth 5 0 60 " {
			t.Errorf("got %s with %q, want 429 without Retry-After", answer.Status, got)
		}
	})
}

// TestFaultsAndRateLimits: an answer that a test asked for comes in any case,
// and counts.
func TestFaultsAndRateLimits(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	server.SetRateLimits(true)
	server.Fail(ringsensetest.Fault{Op: "RecordingInsights", N: 60, Status: http.StatusBadGateway})
	insights := insightsCall(server)
	var got []int
	for i := range 61 {
		answer, _ := insights.send(t, server)
		if i >= 59 {
			got = append(got, answer.StatusCode)
		}
	}
	if diff := cmp.Diff([]int{http.StatusBadGateway, http.StatusTooManyRequests}, got); diff != "" {
		t.Errorf("last two statuses (-want +got):\n%s", diff)
	}
}

func TestReadyAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := ringsensetest.NewServer()
		token := server.IssueToken()
		add := func(id string) {
			t.Helper()
			document := `{"sourceRecordId":"` + id + `","sourceSessionId":"s-1","speakerInfo":[{"speakerId":"1"}],"insights":{"Summary":[{"value":"a"}]}}`
			if err := server.AddJSON([]byte(document)); err != nil {
				t.Fatal(err)
			}
		}
		add("30")
		server.SetReadyAfter(2*time.Minute, time.Minute)
		add("31")
		seen := func(kind, id string) string {
			answer, body := call{target: insightsPath + "~/domains/pbx/" + kind + "/" + id + "/insights", token: token}.send(t, server)
			switch {
			case strings.Contains(body, "RAH-3001"):
				return "missing"
			case answer.StatusCode != http.StatusOK:
				return answer.Status
			}
			return fmt.Sprint(strings.Count(body, "sourceRecordId"), " ", strings.Count(body, "Summary"), " ", strings.Count(body, "speakerId"))
		}
		var got [][3]string
		for range 4 {
			got = append(got, [3]string{seen("records", "30"), seen("records", "31"), seen("sessions", "s-1")})
			time.Sleep(time.Minute)
		}
		want := [][3]string{
			{"1 1 1", "missing", "1 1 1"},
			{"1 1 1", "missing", "1 1 1"},
			{"1 1 1", "1 0 0", "2 1 1"},
			{"1 1 1", "1 1 1", "2 2 2"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("minute by minute (-want +got):\n%s", diff)
		}
	})
}
