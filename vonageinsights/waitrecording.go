package vonageinsights

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/callinsights/callinsights-go/internal/poll"
)

// How often [Client.WaitRecording] asks.
const (
	firstPoll   = 5 * time.Second
	longestPoll = 90 * time.Second
	// lateSession is the first request to which a session that is not found is
	// not a new one.
	lateSession = 6
)

var errNoRecording = errors.New(
	"the session is there without a recording, which is not ready yet or was never made: recordings may be switched off in AI Studio")

// WaitRecording asks for the session with the id and the day of
// [Client.Session] until it has a recording, and returns the session. Right after
// the call the service says that there is none, and it never says that there
// will be none, so give ctx a deadline. The requests are 5, 5, 10, 20, 40, 80 and
// from then on 90 seconds apart, each up to a fifth less, the last one some
// seconds before the deadline; programs in public use begin like this.
//
// A session that is not found may be too new, for the first 5 requests or some 40
// seconds; at the 6th that ends the wait with [ErrNotFound]. Neither
// [ErrUnavailable] nor [ErrRateLimited] ends it, so that it outlives an outage. All
// other errors do. If the service answers with nothing but the parameters of the
// session, the error matches [ErrInvalidResponse], and [WithPlainSessionPath] is
// the remedy.
//
// The error at the end of ctx says what was seen last. It matches
// [context.DeadlineExceeded] or [context.Canceled] and, if the last request
// failed, the kind of that failure; it matches no other where the session was
// there without a recording. See
// studio.docs.ai.vonage.com/api-integration/vai-integration-guide.
func (c *Client) WaitRecording(ctx context.Context, id string, startedAt time.Time) (*Session, error) {
	c = c.made()
	var session *Session
	wait := poll.Poll{Vendor: vendor, Op: opWait, Interval: pollInterval, Passes: mayPass}
	err := wait.Until(ctx, func() (err error) {
		session, err = c.lookUp(ctx, opWait, id, startedAt, c.sessionPath(id))
		if err == nil && session.Recording().Kind() == RecordingNone {
			err = errNoRecording
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return session, nil
}

func pollInterval(n int) time.Duration {
	return min(firstPoll<<min(max(n-2, 0), 8), longestPoll)
}

// mayPass reports whether what the nth request saw is worth another one.
func mayPass(seen error, n int) bool {
	passing := []error{errNoRecording, ErrUnavailable, ErrRateLimited}
	if n < lateSession {
		passing = append(passing, ErrNotFound)
	}
	return slices.ContainsFunc(passing, func(kind error) bool { return errors.Is(seen, kind) })
}
