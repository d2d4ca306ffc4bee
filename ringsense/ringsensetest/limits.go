package ringsensetest

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// The rate limits of developers.ringcentral.com/guide/basics/rate-limits: so
// many requests in any minute, and a penalty of a minute for one that is too
// many.
const (
	limitWindow  = time.Minute
	limitPenalty = time.Minute
)

// The groups, in the lower case in which they were seen.
const (
	groupLight  = "light"
	groupMedium = "medium"
	groupHeavy  = "heavy"
	groupAuth   = "auth"
)

// groups are the operations with the groups that the pages of the service put
// them in. That the end of a login is light is a guess.
var groups = [...]struct{ op, group string }{
	{opToken, groupAuth},
	{opClose, groupLight},
	{opRecording, groupLight},
	{opSession, groupLight},
	{opCallLog, groupHeavy},
	{opAccess, groupLight},
	{opGet, groupLight},
	{opSubscribe, groupMedium},
	{opSubscriptions, groupLight},
	{opSubscription, groupLight},
	{opUpdateSubscription, groupMedium},
	{opRenewSubscription, groupLight},
	{opUnsubscribe, groupMedium},
}

// groupOf returns the group of an operation. A path that the service does not
// know is light by a guess.
func groupOf(op string) string {
	for _, g := range groups {
		if g.op == op {
			return g.group
		}
	}
	return groupLight
}

// limitOf returns the limit of a group.
func limitOf(group string) int {
	switch group {
	case groupAuth:
		return 5
	case groupHeavy:
		return 10
	case groupMedium:
		return 40
	default:
		return 50
	}
}

// limits are the state of the rate limits.
type limits struct {
	on, silent bool
	groups     map[string]*limitedGroup
}

type limitedGroup struct {
	accepted []time.Time // those of the last minute
	penalty  time.Time   // when it ends
}

// SetRateLimits says whether the fake limits requests, which it does not at
// first. It then has the default limits of the service, by group: 50 requests
// in any minute (light: insights and most others), 40 (medium: making, changing
// and deleting subscriptions), 10 (heavy: the call log) and 5 (auth: tokens). One
// that is too many is answered with 429 CMN-301 and begins a penalty of a
// minute, which every request of the group during it begins anew. All answers
// have the headers X-Rate-Limit-Group, -Limit, -Remaining and -Window. See
// developers.ringcentral.com/guide/basics/rate-limits.
//
// The fake has one user and one app, so a group is shared by everybody. Either
// way it forgets what was sent before.
func (s *Server) SetRateLimits(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits.on, s.limits.groups = on, make(map[string]*limitedGroup)
}

// SetRetryAfter says whether a 429 of the rate limits tells in Retry-After how
// long the penalty lasts, as it does at first. The service's page knows answers
// without it.
func (s *Server) SetRetryAfter(sent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits.silent = !sent
}

// limited counts a request and writes what the limits say of it into the
// headers of its answer. It reports whether it is one too many.
func (s *Server) limited(header http.Header, op string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.limits.on {
		return false
	}
	name := groupOf(op)
	limit := limitOf(name)
	group := s.limits.groups[name]
	if group == nil {
		group = new(limitedGroup)
		s.limits.groups[name] = group
	}
	remaining, refused := group.count(time.Now(), limit)
	header.Set("X-Rate-Limit-Group", name)
	header.Set("X-Rate-Limit-Limit", strconv.Itoa(limit))
	header.Set("X-Rate-Limit-Remaining", strconv.Itoa(remaining))
	header.Set("X-Rate-Limit-Window", strconv.Itoa(int(limitWindow/time.Second)))
	if refused && !s.limits.silent {
		header.Set("Retry-After", strconv.Itoa(int(limitPenalty/time.Second)))
	}
	return refused
}

// count takes a request into the window, or into the penalty.
func (g *limitedGroup) count(now time.Time, limit int) (remaining int, refused bool) {
	g.accepted = slices.DeleteFunc(g.accepted, func(at time.Time) bool { return !at.Add(limitWindow).After(now) })
	if now.Before(g.penalty) || len(g.accepted) >= limit {
		g.penalty = now.Add(limitPenalty)
		return 0, true
	}
	g.accepted = append(g.accepted, now)
	return limit - len(g.accepted), false
}

// tooMany has the first of the codes that the page on errors lists for 429.
func tooMany() *errorAnswer {
	return restError(http.StatusTooManyRequests, errorDetail{ErrorCode: "CMN-301", Message: "Request rate exceeded"})
}
