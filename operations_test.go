package callinsights_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/whippy"
)

// row is the row of the retry policy that an operation follows.
type row int

const (
	reads    row = iota // idempotent: repeated after whatever may pass
	once                // repeated if surely not processed
	exchange            // of a token: up to 3 requests, 10 s apart
	late                // of a file: up to 6 requests, in 80 s
)

// use is what becomes of the body of a success.
type use int

const (
	buffered use = iota
	streamed
	ignored // but read
	copied  // to a writer, whatever it is
)

// operation is a request that the clients send.
type operation struct {
	name string // as observed
	path string // how the path of its request ends
	// method is that of the idempotent ones other than GET, which net/http does
	// not repeat itself.
	method string
	row    row
	use    use
	// timeout is that of one attempt.
	timeout time.Duration
	// bearer says that the request carries a token, which is renewed after a 401.
	bearer bool
	// gated says that it passes the rate gate.
	gated bool
	// more is how many other requests a success takes, or one that is refused.
	more int
	// good is the body of a proper answer, and run makes the call and fails also
	// if that does not arrive. before, if not nil, is done while all is well.
	good   string
	before func(context.Context, *rig) error
	run    func(context.Context, *rig) error
}

// operations are all there are: a new one is one row.
func operations() []operation {
	const (
		recording     = `{"sourceRecordId":"31","domain":"pbx","insights":{"Summary":[{"value":"Delivery moved."}]}}`
		session       = `{"id":"s-1","status":"ended","session_start_time":"2026-10-09T16:40:59"}`
		subscriptions = "/restapi/v1.0/subscription"
		subscription  = `{"id":"sub-1","status":"Active","records":[{"id":"sub-1"}]}` // or a list of one
		page          = `{"total":1,"page_number":1,"page_size":100,"hits":[` + session + `]}`
	)
	return []operation{
		{
			name: "Token", path: "/restapi/oauth/token", row: exchange, timeout: 30 * time.Second, gated: true,
			good: `{"access_token":"` + tokenPlace + `","token_type":"bearer","expires_in":3600}`, run: readRecording,
		},
		{
			name: "Close", path: "/restapi/oauth/revoke", row: once, use: ignored, timeout: 30 * time.Second, gated: true,
			good: `{}`, before: readRecording,
			run: func(ctx context.Context, r *rig) error { return r.ringsense.Close(ctx) },
		},
		{
			name: "RecordingInsights", path: "/records/31/insights", timeout: time.Minute, gated: true, bearer: true,
			good: recording, before: readRecording, run: readRecording,
		},
		{
			name: "SessionInsights", path: "/sessions/s-31/insights", timeout: time.Minute, gated: true, bearer: true,
			good: `{"records":[` + recording + `]}`, before: readRecording,
			run: func(ctx context.Context, r *rig) error {
				got, err := r.ringsense.SessionInsights(ctx, "s-31")
				if err == nil && len(got.Records) != 1 {
					err = errLost
				}
				return err
			},
		},
		{
			name: "Get", path: "/rcvideo/v1/history/meetings", timeout: time.Minute, gated: true, bearer: true,
			good: `{"meetings":[{"id":"31"}]}`, before: readRecording,
			run: func(ctx context.Context, r *rig) error {
				var history struct {
					Meetings []struct{ ID string }
				}
				return r.ringsense.Get(ctx, []string{"rcvideo", "v1", "history", "meetings"}, nil, &history)
			},
		},
		{
			name: "CheckAccess", path: "/authz-profile/check", timeout: time.Minute, gated: true, bearer: true, more: 3,
			good: `{"successful":true}`, before: readRecording, run: checkAccess,
		},
		{
			name: "CallRecordings", path: "/restapi/v1.0/account/~/call-log", timeout: time.Minute, gated: true, bearer: true,
			good: `{"records":[{"id":"c-1","sessionId":"1","startTime":"1999-12-31T23:30:00.000Z","recording":{"id":"31","type":"Automatic"}}],` +
				`"paging":{"page":1,"perPage":1000},"navigation":{}}`,
			before: readRecording, run: readCallLog,
		},
		{
			name: "Subscribe", path: subscriptions, row: once, timeout: time.Minute, gated: true, bearer: true,
			good: subscription, before: readRecording,
			run: func(ctx context.Context, r *rig) error {
				return isSubscription(r.ringsense.Subscribe(ctx, ringsense.SubscriptionRequest{
					EventFilters: ringsense.InsightsFilters(ringsense.DomainPBX), Address: "https://hooks.test/events", VerificationToken: r.sentinel(),
				}))
			},
		},
		{
			name: "Subscriptions", path: subscriptions, timeout: time.Minute, gated: true, bearer: true,
			good: subscription, before: readRecording,
			run: func(ctx context.Context, r *rig) error {
				got, err := r.ringsense.Subscriptions(ctx)
				if err == nil && len(got) != 1 {
					err = errLost
				}
				return err
			},
		},
		{
			name: "Subscription", path: subscriptions + "/sub-1", timeout: time.Minute, gated: true, bearer: true,
			good: subscription, before: readRecording,
			run: func(ctx context.Context, r *rig) error { return isSubscription(r.ringsense.Subscription(ctx, "sub-1")) },
		},
		{
			name: "UpdateSubscription", path: subscriptions + "/sub-1", method: http.MethodPut, timeout: time.Minute, gated: true, bearer: true,
			good: subscription, before: readRecording,
			run: func(ctx context.Context, r *rig) error {
				request := ringsense.SubscriptionRequest{EventFilters: ringsense.InsightsFilters(ringsense.DomainPBX)}
				return isSubscription(r.ringsense.UpdateSubscription(ctx, "sub-1", request))
			},
		},
		{
			name: "RenewSubscription", path: subscriptions + "/sub-1/renew", row: once, timeout: time.Minute, gated: true, bearer: true,
			good: subscription, before: readRecording,
			run: func(ctx context.Context, r *rig) error {
				return isSubscription(r.ringsense.RenewSubscription(ctx, "sub-1"))
			},
		},
		{
			name: "Unsubscribe", path: subscriptions + "/sub-1", method: http.MethodDelete, use: ignored, timeout: time.Minute, gated: true, bearer: true,
			good: `{}`, before: readRecording,
			run: func(ctx context.Context, r *rig) error { return r.ringsense.Unsubscribe(ctx, "sub-1") },
		},
		{
			name: "Search", path: "/insights/sessions", timeout: time.Minute, use: streamed, good: page, before: findSession,
			run: func(ctx context.Context, r *rig) error {
				n := 0
				for _, err := range r.vonage.Search(ctx, october()) {
					if err != nil {
						return err
					}
					n++
				}
				if n != 1 {
					return errLost
				}
				return nil
			},
		},
		{
			name: "Export", path: "/insights/sessions", timeout: time.Minute, use: streamed, good: page, before: findSession,
			run: func(ctx context.Context, r *rig) error { return exportOne(ctx, r, vonageinsights.Prefetch(1)) },
		},
		{
			name: "SearchPage", path: "/insights/sessions", timeout: time.Minute, good: page, before: findSession,
			run: func(ctx context.Context, r *rig) error {
				got, err := r.vonage.SearchPage(ctx, october())
				if err == nil && len(got.Sessions) != 1 {
					err = errLost
				}
				return err
			},
		},
		{
			name: "Session", path: "/insights/sessions/s-1/parameters", timeout: time.Minute, good: session, before: findSession,
			run: func(ctx context.Context, r *rig) error {
				return isSession(r.vonage.Session(ctx, "s-1", october().From))
			},
		},
		{
			name: "FindSession", path: "/insights/sessions/search/s-1", timeout: time.Minute, good: session,
			before: findSession, run: findSession,
		},
		{
			name: "DeleteSession", path: "/insights/sessions/s-1", method: http.MethodDelete, timeout: time.Minute, use: ignored, good: `{}`, before: findSession,
			run: func(ctx context.Context, r *rig) error { return r.vonage.DeleteSession(ctx, "s-1", october().From) },
		},
		{
			name: "DownloadRecording", path: soundPath, row: late, use: copied, timeout: time.Minute, good: "{ID3 sound of a call",
			before: findSession, run: downloadRecording,
		},
		{
			name: "Download", path: attachmentPath, use: copied, timeout: time.Minute, good: "{RIFF sound of a call",
			before: downloadAttachment, run: downloadAttachment,
		},
	}
}

// composites are calls that send several requests, at their own pace or at a time:
// how many and when is tested where they are. What becomes of a fault is not theirs
// to choose.
func composites() []operation {
	const (
		recorded = `{"id":"s-1","status":"ended","session_start_time":"2026-10-09T16:40:59","channel_data":{"audio_url":"https://files.test/s-1.mp3"}}`
		page     = `{"total":1,"page_number":1,"page_size":100,"hits":[` + recorded + `]}`
	)
	return []operation{
		{
			name: "WaitRecording", path: "/insights/sessions/s-1/parameters", timeout: time.Minute, good: recorded, before: findSession,
			run: func(ctx context.Context, r *rig) error {
				return isSession(r.vonage.WaitRecording(ctx, "s-1", october().From))
			},
		},
		{
			name: "Export", path: "/insights/sessions", timeout: time.Minute, use: streamed, good: page, before: findSession,
			run: func(ctx context.Context, r *rig) error { return exportOne(ctx, r, vonageinsights.Parallel(2)) },
		},
	}
}

// Every method of a client that takes a context, or returns an export, is an
// operation or made of operations.
func TestOperationsAreComplete(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, o := range operations() {
		known[o.name] = true
	}
	for _, o := range composites() {
		known[o.name] = true
	}
	for _, name := range []string{"WaitRecordingInsights", "KeepSubscribed", "DeleteMatching", "Backfill"} {
		known[name] = true // made of others, which it repeats
	}
	context := reflect.TypeFor[context.Context]()
	for _, client := range []reflect.Type{reflect.TypeFor[*ringsense.Client](), reflect.TypeFor[*vonageinsights.Client](), reflect.TypeFor[*whippy.Client]()} {
		for method := range client.Methods() {
			sends := method.Type.NumIn() > 1 && method.Type.In(1) == context || returnsExport(method)
			if sends && !known[method.Name] {
				t.Errorf("%v has a method %s that is no operation of the fault matrix", client, method.Name)
			}
		}
	}
}

// returnsExport reports whether a method returns a *callinsights.Export.
func returnsExport(method reflect.Method) bool {
	return method.Type.NumOut() > 0 && strings.HasPrefix(method.Type.Out(0).String(), "*callinsights.Export[")
}

// tokenPlace stands for a new token in a body.
const tokenPlace = "NEW-TOKEN"

var errLost = errors.New("a call succeeded without what was sent")

func october() vonageinsights.Query {
	from := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	return vonageinsights.Query{From: from, To: from.AddDate(0, 1, 0)}
}

func readRecording(ctx context.Context, r *rig) error {
	got, err := r.ringsense.RecordingInsights(ctx, "31")
	if err == nil && (got.SourceRecordID != "31" || len(got.Insights.Summary) != 1) {
		err = errLost
	}
	return err
}

func readCallLog(ctx context.Context, r *rig) error {
	// Time in the bubble begins at midnight of 2000-01-01.
	midnight := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	n := 0
	for _, err := range r.ringsense.CallRecordings(ctx, ringsense.CallLogQuery{From: midnight.Add(-time.Hour), To: midnight}) {
		if err != nil {
			return err
		}
		n++
	}
	if n != 1 {
		return errLost
	}
	return nil
}

// checkAccess fails if a question was refused, which the method itself takes for
// an answer.
func checkAccess(ctx context.Context, r *rig) error {
	access, err := r.ringsense.CheckAccess(ctx)
	if err != nil {
		return err
	}
	for _, check := range access.Checks {
		if check.Kind == ringsense.AccessPermission && check.Answer != ringsense.AnswerYes {
			err = cmp.Or(check.Err, errLost)
		}
	}
	return err
}

func isSubscription(got *ringsense.Subscription, err error) error {
	if err == nil && got.ID != "sub-1" {
		err = errLost
	}
	return err
}

func findSession(ctx context.Context, r *rig) error {
	return isSession(r.vonage.FindSession(ctx, "s-1"))
}

func isSession(got *vonageinsights.Session, err error) error {
	if err == nil && got.ID != "s-1" {
		err = errLost
	}
	return err
}

func exportOne(ctx context.Context, r *rig, opt vonageinsights.ExportOption) error {
	n := 0
	for _, err := range r.vonage.Export(october(), opt).All(ctx) {
		if err != nil {
			return err
		}
		n++
	}
	if n != 1 {
		return errLost
	}
	return nil
}

const soundPath = "/recordings/s-1.mp3"

// downloadRecording fetches a recording from a URL with a token.
func downloadRecording(ctx context.Context, r *rig) error {
	where := r.base + soundPath + "?token=" + url.QueryEscape(r.sentinel())
	session := vonageinsights.Session{ChannelData: vonageinsights.ChannelData{AudioURL: &where}}
	var got bytes.Buffer
	n, err := r.vonage.DownloadRecording(ctx, session.Recording(), &got, vonageinsights.MaxRecordingBytes(4<<20))
	if n != int64(got.Len()) || err == nil && n == 0 {
		err = errLost
	}
	return err
}

// attachmentPath is where a file of a Whippy call is, and its query opens it.
const attachmentPath = "/calls/c-1/recording.wav"

func downloadAttachment(ctx context.Context, r *rig) error {
	where := r.base + attachmentPath + "?signature=" + url.QueryEscape(r.sentinel())
	var got bytes.Buffer
	n, err := r.whippy.Download(ctx, whippy.Attachment{URL: where}, &got)
	if n != int64(got.Len()) || err == nil && n == 0 {
		err = errLost
	}
	return err
}

// properAnswer is the body that a service in order sends to a path.
func properAnswer(method, path string) string {
	for _, o := range operations() {
		// One path makes a subscription and lists those there are.
		if strings.HasSuffix(path, o.path) && (o.name != "Subscribe" || method == http.MethodPost) {
			return o.good
		}
	}
	return ""
}
