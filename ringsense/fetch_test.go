package ringsense_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

const callID = "3100000000017" // of phone_call.json

func newServer(t *testing.T) *ringsensetest.Server {
	t.Helper()
	server := ringsensetest.NewServer()
	for _, name := range recordings {
		if err := server.AddJSON(document(t, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range sessionInsights(t).Records {
		server.Add(r)
	}
	return server
}

func sessionInsights(t *testing.T) *ringsense.SessionInsights {
	t.Helper()
	s := new(ringsense.SessionInsights)
	if err := s.UnmarshalJSON(document(t, session)); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRecordingInsights(t *testing.T) {
	t.Parallel()
	tests := []struct{ document, path string }{
		{"phone_call.json", "pbx/records/3100000000017"},
		{"meeting.json", "rcv/records/5d7e0b6a-91c4-4e0e-8a43-2f6f0c9b1d12%21eu-07-abc01@eu-07"},
		{"contact_centre_call.json", "rcx/records/p-v-0001-77c2a9f0b3d84e5f9a61c0de43b2a1f0-rec-000000000000000000000000000000000001"},
	}
	for _, tt := range tests {
		t.Run(tt.document, func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			want := recording(t, tt.document)
			got, err := server.Client().RecordingInsights(t.Context(), want.SourceRecordID, ringsense.InDomain(want.Domain))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, exportedOnly()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(strings.TrimSpace(string(document(t, tt.document))), got.RawJSON()); diff != "" {
				t.Errorf("RawJSON (-want +got):\n%s", diff)
			}
			requests := server.Requests()
			if len(requests) != 2 || requests[0].Op != "Token" {
				t.Fatalf("got %+v, want a login and one request", requests)
			}
			last := requests[1]
			if want := "/ai/ringsense/v1/public/accounts/~/domains/" + tt.path + "/insights"; last.Path != want || last.Method != http.MethodGet {
				t.Errorf("got %s %s, want GET %s", last.Method, last.Path, want)
			}
			if len(last.Query) != 0 {
				t.Errorf("got the query %v, want none", last.Query)
			}
		})
	}
}

func TestSessionInsights(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	want := sessionInsights(t)
	got, err := server.Client().SessionInsights(t.Context(), "s-c51e90aa77d0z192d0f0f42z110000", ringsense.InDomain(ringsense.DomainPBX))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Records, got.Records, exportedOnly()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.Paging.TotalElements != 2 {
		t.Errorf("got %+v, want 2 elements", got.Paging)
	}
	requests := server.Requests()
	last := requests[len(requests)-1]
	if want := "/ai/ringsense/v1/public/accounts/~/domains/pbx/sessions/s-c51e90aa77d0z192d0f0f42z110000/insights"; last.Path != want {
		t.Errorf("got path %s, want %s", last.Path, want)
	}
}

// TestSessionHeldBack: recordings that the service holds back can be noticed.
func TestSessionHeldBack(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	server.Fail(ringsensetest.Fault{
		Op: "SessionInsights", Status: http.StatusOK, Body: `{"records":[{"sourceRecordId":"1"}],"paging":{"totalElements":3}}`,
	})
	got, err := server.Client().SessionInsights(t.Context(), "s-1")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Records) != 1 || got.Paging.TotalElements != 3 {
		t.Errorf("got %d records of %d, want 1 of 3", len(got.Records), got.Paging.TotalElements)
	}
}

func TestOnlyTypes(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	got, err := server.Client().RecordingInsights(t.Context(), callID,
		ringsense.OnlyTypes(ringsense.TypeSummary, ringsense.TypeAIScore, ringsense.TypeSummary),
		ringsense.OnlyTypes("Later Kind+"))
	if err != nil {
		t.Fatal(err)
	}
	all := recording(t, "phone_call.json").Insights
	want := ringsense.Insights{Summary: all.Summary, AIScore: all.AIScore}
	if diff := cmp.Diff(want, got.Insights); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	requests := server.Requests()
	wantQuery := url.Values{"insightTypes": {"Summary", "AIScore", "Later Kind+"}}
	if diff := cmp.Diff(wantQuery, requests[len(requests)-1].Query); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
}

// TestRefusedArguments: nothing is sent.
func TestRefusedArguments(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, id string
		opts     []ringsense.InsightOption
		want     string
	}{
		{"empty id", "", nil, "is empty"},
		{"space around the id", " 31", nil, "space around it"},
		{"dot segment", "..", nil, "path"},
		{"dot", ".", nil, "path"},
		{"control character", "31\x0000", nil, "path"},
		{"line break", "31\r\nHost: x", nil, "path"},
		{"invalid UTF-8", "31\xff", nil, "path"},
		{"endless id", strings.Repeat("3", 513), nil, "path"},
		{"empty domain", callID, []ringsense.InsightOption{ringsense.InDomain("")}, "InDomain"},
		{"dot segment as domain", callID, []ringsense.InsightOption{ringsense.InDomain("..")}, "path"},
		{"no types", callID, []ringsense.InsightOption{ringsense.OnlyTypes()}, "OnlyTypes"},
		{"empty type", callID, []ringsense.InsightOption{ringsense.OnlyTypes(ringsense.TypeSummary, "")}, "OnlyTypes"},
		{"nil option", callID, []ringsense.InsightOption{ringsense.OnlyTypes(ringsense.TypeSummary), nil}, "option 2 is nil"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			client := server.Client()
			_, err := client.RecordingInsights(t.Context(), tt.id, tt.opts...)
			checkLocal(t, err, "RecordingInsights", tt.want)
			_, err = client.SessionInsights(t.Context(), tt.id, tt.opts...)
			checkLocal(t, err, "SessionInsights", tt.want)
			if n := len(server.Requests()); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

// TestHostileIDs stay a single segment of the path.
func TestHostileIDs(t *testing.T) {
	t.Parallel()
	for id, segment := range map[string]string{
		"a/b":         "a%2Fb",
		"../insights": "..%2Finsights",
		"a?b=c":       "a%3Fb=c",
		"a#b":         "a%23b",
		"a%2Fb":       "a%252Fb",
		"ä b":         "%C3%A4%20b",
		"~":           "~",
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			server.Add(&ringsense.RecordingInsights{SourceRecordID: id})
			got, err := server.Client().RecordingInsights(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if got.SourceRecordID != id {
				t.Errorf("got %q", got.SourceRecordID)
			}
			requests := server.Requests()
			if path := requests[len(requests)-1].Path; !strings.HasSuffix(path, "/records/"+segment+"/insights") {
				t.Errorf("got path %s, want the segment %s", path, segment)
			}
		})
	}
}

// TestUnusableAnswers: a 200 that is not what it should be.
func TestUnusableAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, want string }{
		{"HTML", "<!doctype html><title>hidden</title>", "HTML"},
		{"empty", "", "empty"},
		{"truncated", `{"title":"hidden`, "offset"},
		{"trailing data", `{"title":"hidden"} {}`, "unexpected data"},
		{"a list", `["hidden"]`, "want an object"},
		{"null", `null`, "want an object"},
		{"text in place of a list", `{"speakerInfo":"hidden"}`, "speakerInfo"},
		{"nested too deep", `{"x":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "}", "nested"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			server.Fail(ringsensetest.Fault{Op: "RecordingInsights", N: -1, Status: http.StatusOK, Body: tt.body})
			r, err := server.Client().RecordingInsights(t.Context(), callID)
			if r != nil || !errors.Is(err, ringsense.ErrInvalidResponse) {
				t.Fatalf("got %v, %v, want ErrInvalidResponse", r, err)
			}
			if text := err.Error(); !strings.Contains(text, tt.want) || strings.Contains(text, "hidden") {
				t.Errorf("got the text %q, want one with %q", text, tt.want)
			}
			failed, _ := errors.AsType[*ringsense.Error](err)
			if failed.StatusCode != http.StatusOK || failed.RequestID == "" || string(failed.Body()) != tt.body {
				t.Errorf("got %+v with the body %q", failed, failed.Body())
			}
			if got := len(server.Requests()); got != 2 {
				t.Errorf("got %d requests, want a login and one request", got)
			}
		})
	}
}

// TestNotReady: the service also says so by a success without insights.
func TestNotReady(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	if err := server.AddJSON([]byte(`{"sourceRecordId":"31","speakerInfo":[],"insights":{}}`)); err != nil {
		t.Fatal(err)
	}
	r, err := server.Client().RecordingInsights(t.Context(), "31")
	if err != nil {
		t.Fatal(err)
	}
	if r.Insights.Transcript != nil {
		t.Errorf("got %+v, want no transcript", r.Insights)
	}
}

// TestDeadline: a caller does not wait longer than he wants to.
func TestDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newServer(t)
		server.Fail(ringsensetest.Fault{Op: "RecordingInsights", N: -1, Delay: 20 * time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		_, err := server.Client().RecordingInsights(ctx, callID)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want DeadlineExceeded", err)
		}
		if waited := time.Since(start); waited != 5*time.Second {
			t.Errorf("waited %v, want 5s", waited)
		}
	})
}
