package ringsense_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// march is when the calls of these tests begin: before the clock of synctest does.
var march = time.Date(1999, time.March, 1, 9, 0, 0, 0, time.UTC)

// recordedCall is a call whose recordings have the given ids, the first for the
// call itself and the others for legs.
func recordedCall(id string, start time.Time, recordings ...string) *ringsense.CallRecord {
	call := &ringsense.CallRecord{
		ID: id, TelephonySessionID: "s-" + id, StartTime: start, Type: "Voice", Direction: ringsense.DirectionInbound,
		From: &ringsense.CallParty{PhoneNumber: "+12125550101"}, To: &ringsense.CallParty{ExtensionNumber: "101"},
		Extension: &ringsense.CallExtension{ID: ringsensetest.ExtensionID},
	}
	for i, id := range recordings {
		recording := &ringsense.CallLogRecording{ID: id, Type: ringsense.RecordingAutomatic, URI: "https://x.test/" + id}
		if i == 0 {
			call.Recording = recording
		} else {
			call.Legs = append(call.Legs, ringsense.CallLeg{TelephonySessionID: "s-leg-" + id, Recording: recording})
		}
	}
	return call
}

// manyCalls has n calls, one each interval.
func manyCalls(n int, interval time.Duration) *ringsensetest.Server {
	server := ringsensetest.NewServer()
	for i := range n {
		id := fmt.Sprintf("%06d", i)
		server.AddCall(recordedCall("c"+id, march.Add(time.Duration(i)*interval), "r"+id))
	}
	return server
}

func recordingIDs(t *testing.T, client *ringsense.Client, q ringsense.CallLogQuery) []string {
	t.Helper()
	var ids []string
	for r, err := range client.CallRecordings(t.Context(), q) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, r.ID)
	}
	return ids
}

func numbered(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("r%06d", i)
	}
	return ids
}

// TestCallRecordings: whatever the pages are like, each recording comes once,
// the oldest first.
func TestCallRecordings(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		calls    int
		interval time.Duration
		set      func(*ringsensetest.Server)
		perPage  int
		requests int // at most
	}{
		"none":                      {calls: 0, requests: 16},
		"one":                       {calls: 1, requests: 16},
		"a few":                     {calls: 40, interval: 24 * time.Hour, requests: 20},
		"many":                      {calls: 3000, interval: 40 * time.Minute, requests: 30},
		"dense":                     {calls: 2000, interval: time.Second, perPage: 20, requests: 250},
		"at the same moment":        {calls: 50, interval: 0, perPage: 7, requests: 60},
		"small pages":               {calls: 60, interval: time.Hour, perPage: 1, requests: 400},
		"without totals":            {calls: 500, interval: time.Hour, set: func(s *ringsensetest.Server) { s.SetCallLogTotals(false) }, perPage: 10, requests: 160},
		"repeated over pages":       {calls: 500, interval: time.Hour, set: func(s *ringsensetest.Server) { s.RepeatCalls(3) }, perPage: 10, requests: 160},
		"on the edges of the parts": {calls: 100, interval: time.Hour, perPage: 1000, requests: 20},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := manyCalls(test.calls, test.interval)
			if test.set != nil {
				test.set(server)
			}
			q := ringsense.CallLogQuery{From: march, To: march.AddDate(0, 4, 0), PerPage: test.perPage}
			got := recordingIDs(t, server.Client(), q)
			slices.Sort(got[:sameMoment(test.interval, len(got))])
			if diff := cmp.Diff(numbered(test.calls), append([]string{}, got...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if n := len(server.Requests()); n > test.requests {
				t.Errorf("%d requests, want at most %d", n, test.requests)
			}
		})
	}
}

// sameMoment is how many of n calls share their time.
func sameMoment(interval time.Duration, n int) int {
	if interval == 0 {
		return n
	}
	return 0
}

// TestCallRecordingsRequests shows what is sent.
func TestCallRecordingsRequests(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		q     ringsense.CallLogQuery
		path  string
		query map[string]string
	}{
		"account": {
			q: ringsense.CallLogQuery{}, path: "/restapi/v1.0/account/~/call-log",
			query: map[string]string{"perPage": "1000"},
		},
		"own extension": {
			q: ringsense.CallLogQuery{ExtensionID: "~", PerPage: 5}, path: "/restapi/v1.0/account/~/extension/~/call-log",
			query: map[string]string{"perPage": "5"},
		},
		"filters": {
			q: ringsense.CallLogQuery{
				ExtensionID: "1000000101", PhoneNumber: "+12125550101", Direction: ringsense.DirectionInbound,
				RecordingType: ringsense.RecordingOnDemand, TelephonySessionID: "s-a b&c",
			},
			path: "/restapi/v1.0/account/~/extension/1000000101/call-log",
			query: map[string]string{
				"perPage": "1000", "phoneNumber": "12125550101", "direction": "Inbound", "recordingType": "OnDemand",
				"telephonySessionId": "s-a b&c",
			},
		},
		"short number": {
			q: ringsense.CallLogQuery{ExtensionNumber: "101"}, path: "/restapi/v1.0/account/~/call-log",
			query: map[string]string{"perPage": "1000", "extensionNumber": "101"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ringsensetest.NewServer()
			test.q.From, test.q.To = march, march.Add(30*time.Minute)
			recordingIDs(t, server.Client(), test.q)
			requests := server.Requests()
			last := requests[len(requests)-1]
			got := map[string]string{}
			for name, values := range last.Query {
				got[name] = strings.Join(values, ",")
			}
			want := map[string]string{
				"recordingType": "All", "view": "Detailed", "page": "1",
				"dateFrom": "1999-03-01T09:00:00.000Z", "dateTo": "1999-03-01T09:30:00.000Z",
			}
			maps.Copy(want, test.query)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("query (-want +got):\n%s", diff)
			}
			if last.Op != "CallRecordings" || last.Path != test.path || last.Method != http.MethodGet || len(requests) != 2 {
				t.Errorf("got %s %s %s of %d requests", last.Op, last.Method, last.Path, len(requests))
			}
		})
	}
}

func TestCallLogQueryRefusals(t *testing.T) {
	t.Parallel()
	now := time.Now()
	tests := map[string]struct {
		q    ringsense.CallLogQuery
		want string
	}{
		"no start":              {ringsense.CallLogQuery{To: march}, "From is zero"},
		"before the year 1":     {ringsense.CallLogQuery{From: time.Time{}.Add(-time.Hour)}, "before the year 1"},
		"range in the future":   {ringsense.CallLogQuery{From: now.Add(time.Hour), To: now.Add(2 * time.Hour)}, "From is in the future"},
		"end in the future":     {ringsense.CallLogQuery{From: march, To: now.Add(time.Hour)}, "To is in the future"},
		"upside down":           {ringsense.CallLogQuery{From: march, To: march.Add(-time.Second)}, "upside down"},
		"empty range":           {ringsense.CallLogQuery{From: march, To: march}, "empty"},
		"negative page size":    {ringsense.CallLogQuery{From: march, PerPage: -1}, "PerPage is -1"},
		"page too large":        {ringsense.CallLogQuery{From: march, PerPage: 1001}, "PerPage is 1001"},
		"hostile extension":     {ringsense.CallLogQuery{From: march, ExtensionID: "../1"}, "ExtensionID"},
		"two extensions":        {ringsense.CallLogQuery{From: march, ExtensionID: "~", ExtensionNumber: "101"}, "ExtensionNumber"},
		"number and extension":  {ringsense.CallLogQuery{From: march, PhoneNumber: "+12125550101", ExtensionNumber: "101"}, "together"},
		"direction in small":    {ringsense.CallLogQuery{From: march, Direction: "inbound"}, "Direction is neither Inbound nor Outbound"},
		"type of no recording":  {ringsense.CallLogQuery{From: march, RecordingType: "All"}, "RecordingType is neither Automatic nor OnDemand"},
		"extension is an empty": {ringsense.CallLogQuery{From: march, ExtensionID: " "}, "ExtensionID"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ringsensetest.NewServer()
			client := server.Client()
			err := soleError(t, client.CallRecordings(t.Context(), test.q))
			checkLocal(t, err, "CallRecordings", test.want)
			if strings.Contains(err.Error(), "555") {
				t.Errorf("%v quotes the query", err)
			}
			export := client.Backfill(test.q)
			checkLocal(t, soleError(t, export.All(t.Context())), "Backfill", test.want)
			if export.Checkpoint() != "" {
				t.Errorf("got the checkpoint %q", export.Checkpoint())
			}
			if sent := server.Requests(); len(sent) > 0 {
				t.Errorf("%d requests were sent", len(sent))
			}
		})
	}
}

// TestCallRecordingsWithoutPermission: the account's log is never replaced by
// the user's own, which would look complete.
func TestCallRecordingsWithoutPermission(t *testing.T) {
	t.Parallel()
	server := manyCalls(3, time.Hour)
	server.SetCompanyCallLog(false)
	client := server.Client()
	err := soleError(t, client.CallRecordings(t.Context(), ringsense.CallLogQuery{From: march}))
	if !errors.Is(err, ringsense.ErrPermissionMissing) || !errors.Is(err, ringsense.ErrForbidden) ||
		!strings.Contains(err.Error(), "FullCompanyCallLog") || !strings.Contains(err.Error(), "CMN-408") ||
		strings.Contains(err.Error(), "Access Insights") {
		t.Errorf("got %v", err)
	}
	requests := server.Requests()
	if len(requests) != 2 || requests[1].Path != "/restapi/v1.0/account/~/call-log" {
		t.Errorf("got %d requests, want the login and one", len(requests))
	}
	own := recordingIDs(t, client, ringsense.CallLogQuery{From: march, To: march.AddDate(0, 0, 1), ExtensionID: "~"})
	if diff := cmp.Diff(numbered(3), own); diff != "" {
		t.Errorf("own log (-want +got):\n%s", diff)
	}
}

// TestCallRecordingsRefused: what the service says of the app and the query.
func TestCallRecordingsRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		scope     bool
		extension string
		is, isNot error
		text      string
	}{
		"no scope":             {false, "", ringsense.ErrScopeMissing, ringsense.ErrPermissionMissing, "CMN-401"},
		"no scope for the own": {false, "~", ringsense.ErrScopeMissing, ringsense.ErrPermissionMissing, "CMN-401"},
		"no such extension":    {true, "77", ringsense.ErrNotFound, ringsense.ErrInsightsNotFound, "CMN-102"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := manyCalls(3, time.Hour)
			server.SetCallLogScope(test.scope)
			err := soleError(t, server.Client().CallRecordings(t.Context(), ringsense.CallLogQuery{From: march, ExtensionID: test.extension}))
			checkKinds(t, err, []error{test.is}, []error{test.isNot})
			if !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v, want one with %s", err, test.text)
			}
		})
	}
}
