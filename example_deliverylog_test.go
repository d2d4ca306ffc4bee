package callinsights_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/callinsights/callinsights-go"
)

// A delivery log of one's own, for a program that must not handle an event again
// after a restart: WithDeliveryLog of package ringsense or whippy takes it. On
// several machines, a table in their database takes the place of the file.
func ExampleDeliveryLog() {
	folder, err := os.MkdirTemp("", "deliveries")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	path := filepath.Join(folder, "handled")
	ctx := context.Background()

	log, err := openFileLog(path)
	if err != nil {
		panic(err)
	}
	event, _ := log.Begin(ctx, "event-1", time.Minute)
	other, _ := log.Begin(ctx, "event-1", time.Minute)
	fmt.Println("event-1 is", event.State, "and meanwhile", other.State)
	fmt.Println("commit:", log.Commit(ctx, "event-1", event.Token))
	failed, _ := log.Begin(ctx, "event-2", time.Minute)
	fmt.Println("release:", log.Release(ctx, "event-2", failed.Token))
	fmt.Println("too late:", errors.Is(log.Commit(ctx, "event-2", failed.Token), callinsights.ErrClaimLost))
	fmt.Println("close:", log.Close())

	log, err = openFileLog(path) // the program was started again
	if err != nil {
		panic(err)
	}
	for _, key := range []string{"event-1", "event-2"} {
		claim, err := log.Begin(ctx, key, time.Minute)
		fmt.Println(key, "is", claim.State, err)
	}
	fmt.Println("close:", log.Close())
	// Output:
	// event-1 is new and meanwhile busy
	// commit: <nil>
	// release: <nil>
	// too late: true
	// close: <nil>
	// event-1 is done <nil>
	// event-2 is new <nil>
	// close: <nil>
}

// fileLog is a DeliveryLog of one process. The keys of the events that were handled
// are the lines of a file, and remembered for good. Claims need no file, as nobody
// holds them any more when the program has ended.
type fileLog struct {
	mu     sync.Mutex
	file   *os.File
	size   int64 // of its whole lines
	done   map[string]bool
	claims map[string]fileClaim
}

type fileClaim struct {
	token string
	until time.Time
}

var _ callinsights.DeliveryLog = (*fileLog)(nil)

// openFileLog reads the file, or makes it. A last line without its end was being
// written when the program was killed, so before its event was acknowledged: it is
// cut off, and the event comes again.
func openFileLog(path string) (*fileLog, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	l := &fileLog{file: file, done: map[string]bool{}, claims: map[string]fileClaim{}}
	if err := l.load(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return l, nil
}

func (l *fileLog) load() error {
	for lines := bufio.NewReader(l.file); ; {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return l.file.Truncate(l.size)
		}
		if err != nil {
			return err
		}
		key, err := strconv.Unquote(line[:len(line)-1])
		if err != nil {
			return fmt.Errorf("%s: line %d is not a key in quotes", l.file.Name(), len(l.done)+1)
		}
		l.done[key] = true
		l.size += int64(len(line))
	}
}

func (l *fileLog) Begin(_ context.Context, key string, lease time.Duration) (callinsights.Claim, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done[key] {
		return callinsights.Claim{State: callinsights.ClaimDone}, nil
	}
	if claim, taken := l.claims[key]; taken && time.Now().Before(claim.until) {
		return callinsights.Claim{State: callinsights.ClaimBusy, RetryAfter: time.Until(claim.until)}, nil
	}
	claim := fileClaim{rand.Text(), time.Now().Add(lease)}
	l.claims[key] = claim
	return callinsights.Claim{State: callinsights.ClaimNew, Token: claim.token}, nil
}

// Commit returns when the key is on the disk: only then is the event acknowledged.
func (l *fileLog) Commit(_ context.Context, key, token string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.holds(key, token) {
		return callinsights.ErrClaimLost
	}
	n, err := l.file.WriteAt([]byte(strconv.Quote(key)+"\n"), l.size)
	if err == nil {
		err = l.file.Sync()
	}
	if err != nil {
		return errors.Join(err, l.file.Truncate(l.size))
	}
	l.size += int64(n)
	l.done[key] = true
	delete(l.claims, key)
	return nil
}

func (l *fileLog) Release(_ context.Context, key, token string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.holds(key, token) {
		return callinsights.ErrClaimLost
	}
	delete(l.claims, key)
	return nil
}

// holds reports whether the claim is that of the token, and not of a later one.
func (l *fileLog) holds(key, token string) bool {
	claim, taken := l.claims[key]
	return taken && claim.token == token
}

func (l *fileLog) Close() error { return l.file.Close() }
