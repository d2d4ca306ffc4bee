package vonageinsights

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/callinsights/callinsights-go"
)

// ahead reads a range before its sessions are asked for. The range is a list of
// jobs, which follow each other, and of which workers take one after the other. A
// worker splits off what probably fits into a page, reads one page of it, and
// puts back what was not on that. So a job holds a page in memory at most, and
// waits there until those before it have been delivered.
//
// Only the workers wait for the service and only next waits for the workers:
// neither holds up what the other could do.
type ahead struct {
	client  *Client
	workers int
	bound   int   // jobs that are taken and not yet delivered
	longest int64 // milliseconds of a job, so that all workers have one at once

	mu      sync.Mutex
	arrived *sync.Cond // of the head there is more, or its end
	free    *sync.Cond // a job may be taken, or there is nothing left to do
	jobs    []*job     // in the order of delivery; the head is the first one
	stopped bool
}

// job is a part of the range.
type job struct {
	cur      *cursor
	pace     *pace
	claimed  bool
	length   int64      // milliseconds, when it was claimed
	found    int        // sessions
	sessions []*Session // that have arrived and were not yet delivered
	ended    bool
	err      error // why it ended
}

// pace tells how close to each other the sessions of several jobs are.
type pace struct{ milliseconds, sessions float64 }

// add takes in what was found, of which the last pages count most. After a burst
// comes a time without any: there, each part is at least twice as long as the one
// before. The pages of a crowd say nothing about what is next to it.
func (p *pace) add(milliseconds int64, sessions, full int) {
	switch {
	case milliseconds == 0:
		return
	case sessions == 0:
		p.sessions /= 2
	case p.sessions > 16*float64(full):
		p.milliseconds, p.sessions = p.milliseconds/2, p.sessions/2
	}
	p.milliseconds += float64(milliseconds)
	p.sessions += float64(sessions)
}

// length returns how many milliseconds have most of a full page, at most limit.
// It is most of one because a little too much takes another page.
func (p *pace) length(full int, limit int64) int64 {
	length := 0.85 * float64(full) * p.milliseconds / p.sessions
	if p.sessions == 0 || length > float64(limit) {
		return limit
	}
	return max(1, int64(length))
}

func newAhead(e *sessionExport, cur *cursor) *ahead {
	workers := max(1, e.workers)
	a := &ahead{
		client: e.client, workers: workers, bound: workers + max(2*e.workers, e.ahead),
		jobs: []*job{{cur: cur, pace: new(pace)}},
	}
	a.arrived, a.free = sync.NewCond(&a.mu), sync.NewCond(&a.mu)
	if workers > 1 {
		a.longest = min(maxWindow, cur.rest.milliseconds()/int64(workers)+1)
	}
	return a
}

// read hands all sessions to take, until that returns false.
func (a *ahead) read(ctx context.Context, take func(*Session) bool) error {
	reading, cancel := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer a.stop()
	defer cancel()
	for range a.workers {
		workers.Go(func() { a.work(reading) })
	}
	for {
		session, err := a.next()
		if session != nil && ctx.Err() != nil {
			// What has arrived already is no more wanted.
			err = &callinsights.Error{Vendor: vendor, Op: opExport, Err: ctx.Err()}
		}
		if err != nil || session == nil || !take(session) {
			return err
		}
	}
}

// next waits for the next session of the head. It returns nil at the end.
func (a *ahead) next() (*Session, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.jobs) > 0 {
		head := a.jobs[0]
		switch {
		case len(head.sessions) > 0:
			session := head.sessions[0]
			head.sessions[0] = nil
			head.sessions = head.sessions[1:]
			return session, nil
		case !head.ended:
			a.arrived.Wait()
		case head.err != nil:
			return nil, head.err
		default:
			a.deliver()
		}
	}
	return nil, nil
}

// deliver takes the head off the list, which makes room for another job.
func (a *ahead) deliver() {
	a.jobs = slices.Delete(a.jobs, 0, 1)
	a.free.Signal()
}

func (a *ahead) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stopped = true
	a.free.Broadcast()
}

// work takes jobs until there is nothing left to do.
func (a *ahead) work(ctx context.Context) {
	for j := a.claim(); j != nil; j = a.claim() {
		a.readPage(ctx, j)
	}
}

// readPage ends the job even if what it calls, such as an http.RoundTripper of
// the caller, ends the goroutine: next would wait for it.
func (a *ahead) readPage(ctx context.Context, j *job) {
	var err error = &callinsights.Error{Vendor: vendor, Op: opExport, Err: errors.New("the goroutine that read a page was ended (runtime.Goexit)")}
	defer func() { a.end(j, err) }()
	_, err = a.client.readOn(ctx, j.cur, func(session *Session) bool {
		a.add(j, session)
		return true
	})
}

// claim waits for a job that may be taken, and returns nil when all is done.
func (a *ahead) claim() *job {
	a.mu.Lock()
	defer a.mu.Unlock()
	for !a.stopped {
		if j := a.firstFree(); j != nil {
			return j
		}
		a.free.Wait()
	}
	return nil
}

// firstFree takes the first job that nobody has taken, if there is room. For the
// head there always is: that of the one before it.
func (a *ahead) firstFree() *job {
	place := slices.IndexFunc(a.jobs, func(j *job) bool { return !j.claimed })
	if place < 0 || a.claimed() >= a.bound {
		return nil
	}
	j := a.jobs[place]
	j.claimed = true
	if a.workers > 1 {
		a.putBehind(place, j.cur.split(j.pace.length(j.cur.full, a.longest)), j.pace)
	}
	j.length = j.cur.rest.milliseconds()
	return j
}

func (a *ahead) claimed() int {
	n := 0
	for _, j := range a.jobs {
		if j.claimed {
			n++
		}
	}
	return n
}

// putBehind makes a job of what is left of the one in a place, if anything is.
func (a *ahead) putBehind(place int, rest *cursor, p *pace) {
	if rest != nil && !rest.done() {
		a.jobs = slices.Insert(a.jobs, place+1, &job{cur: rest, pace: p})
		a.free.Signal()
	}
}

func (a *ahead) add(j *job, session *Session) {
	a.mu.Lock()
	defer a.mu.Unlock()
	j.found++
	j.sessions = append(j.sessions, session)
	if j == a.jobs[0] {
		a.arrived.Signal()
	}
}

// end closes a job after its page, and puts back what is left of it.
func (a *ahead) end(j *job, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if j.ended, j.err = true, err; err == nil {
		a.putBehind(slices.Index(a.jobs, j), j.cur, a.paceAfter(j))
	}
	a.arrived.Signal()
}

// paceAfter returns the pace for what is left of a job: if the service has counted
// it, that, unless the page shows that it is in a burst.
func (a *ahead) paceAfter(j *job) *pace {
	cur := j.cur
	if cur.done() {
		j.pace.add(j.length, j.found, cur.full)
		return nil
	}
	rest := cur.rest.milliseconds()
	j.pace.add(j.length-rest, j.found, cur.full)
	if cur.left < 0 {
		return j.pace
	}
	counted, near := &pace{float64(rest), float64(cur.left)}, &pace{float64(cur.spread), float64(cur.full)}
	if cur.spread > 1 && 8*counted.sessions*near.milliseconds < near.sessions*counted.milliseconds {
		return near
	}
	return counted
}
