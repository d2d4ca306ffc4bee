package main

import (
	"errors"
	"time"

	"github.com/callinsights/callinsights-go"
)

// fate is what becomes of a message.
type fate int

// The fates.
const (
	done      fate = iota // it is in the database
	again                 // it comes again
	givenUp               // it goes to the dead letters
	elsewhere             // another worker has it, and says what becomes of it
)

// verdict is what was decided about a message, and why.
type verdict struct {
	fate   fate
	after  time.Duration // until it comes again
	reason error         // nil for one that is done
}

// errPoison is the reason of a message that was delivered too often without anybody
// saying why: it may be what ends the workers that take it.
var errPoison = errors.New("delivered too often, and no worker came to say what is wrong with it")

// verdictOn decides about a message for which err was returned at so many
// deliveries, at most of which it is dealt with.
func verdictOn(err error, deliveries, most uint64, stopping bool) verdict {
	switch {
	case err == nil:
		return verdict{fate: done}
	case errors.Is(err, errTakenOver):
		return verdict{fate: elsewhere, reason: err}
	case errors.Is(err, errPoison), hopeless(err):
		return verdict{fate: givenUp, reason: err}
	case stopping:
		return verdict{fate: again, reason: err} // at once, for another worker
	case deliveries >= most:
		return verdict{fate: givenUp, reason: err}
	default:
		return verdict{fate: again, after: delay(err, deliveries), reason: err}
	}
}

// hopeless reports whether no repetition mends an error: the message is broken, or
// what it leads to is refused. AI Studio refuses with the status of a wrong key,
// which may be put right.
func hopeless(err error) bool {
	return callinsights.IsPermanent(err) ||
		errors.Is(err, callinsights.ErrInvalidRequest) && !errors.Is(err, callinsights.ErrUnauthorized)
}

// delay is how long a message waits after so many deliveries: a second, twice as
// long each time, an hour at most; and not less than the service asks for.
func delay(err error, deliveries uint64) time.Duration {
	const doublings = 12 // make more than an hour of a second
	d := min(time.Second<<min(max(deliveries, 1)-1, doublings), time.Hour)
	if failed, ok := errors.AsType[*callinsights.Error](err); ok {
		d = max(d, failed.RetryAfter)
	}
	return d
}
