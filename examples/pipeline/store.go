package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/callinsights/callinsights-go"
)

// schema has a key for everything that may come twice. What is written together
// belongs together: an event with the calls that it told of, a checkpoint with the
// calls before it.
const schema = `
CREATE TABLE IF NOT EXISTS events (
	key      TEXT PRIMARY KEY, -- what names the event, however often it is sent
	service  TEXT NOT NULL,
	payload  TEXT NOT NULL,    -- as it was sent
	added_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS calls (
	service    TEXT NOT NULL,
	id         TEXT NOT NULL,
	session    TEXT NOT NULL, -- recordings of one call have it in common
	started_at TEXT NOT NULL,
	version    TEXT NOT NULL, -- of two states of a call the greater one is newer
	document   TEXT NOT NULL, -- as the service has it
	PRIMARY KEY (service, id)
);
CREATE TABLE IF NOT EXISTS exports (
	job        TEXT PRIMARY KEY,
	checkpoint TEXT NOT NULL,
	sessions   INTEGER NOT NULL, -- how many of them are before the checkpoint
	done       INTEGER NOT NULL,
	updated_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS dead_letters (
	key      TEXT PRIMARY KEY,
	subject  TEXT NOT NULL,
	reason   TEXT NOT NULL,
	payload  BLOB NOT NULL,
	added_at TEXT NOT NULL
);`

// store is the database. Any number of processes of one machine may write to the
// file, one at a time; for workers on several machines, put a database with a
// server of its own behind these methods.
type store struct{ db *sql.DB }

func dbFlag(flags *flag.FlagSet, path *string) {
	flags.StringVar(path, "db", "calls.db", "file of the database")
}

// openStore opens the file, or makes one.
func openStore(ctx context.Context, path string) (*store, error) {
	settings := url.Values{
		"_busy_timeout": {"10000"}, // ms that a writer waits for the others
		"_journal_mode": {"WAL"},   // who reads holds up nobody
		"_synchronous":  {"FULL"},  // a commit is on the disk: the stream forgets what was acknowledged
		"_txlock":       {"immediate"},
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("-db: %w", err)
	}
	// What people said is nobody's business but the user's; SQLite would let all read.
	file, err := os.OpenFile(absolute, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the file that the user names
	if err != nil {
		return nil, fmt.Errorf("-db: %w", err)
	}
	_ = file.Close()
	name := url.URL{Scheme: "file", Path: filepath.ToSlash(absolute), RawQuery: settings.Encode()}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, fmt.Errorf("-db: %w", err)
	}
	db.SetMaxOpenConns(1) // one writer, which waits for no other of this process
	if _, err := db.ExecContext(ctx, schema); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("-db %s: %w", path, err)
	}
	return &store{db}, nil
}

func (s *store) close() error { return s.db.Close() }

// event is what a service sent.
type event struct {
	key, service, payload string
}

// call is a recording of RingSense, a call or message of Whippy, or a session of AI
// Studio, in one of its states.
type call struct {
	service, id, session string
	startedAt            time.Time
	version, document    string
}

// known reports whether the event is in the database.
func (s *store) known(ctx context.Context, key string) (bool, error) {
	var n int
	err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM events WHERE key = ?`, key).Scan(&n)
	return n > 0, err
}

// addEvent writes an event and the calls that it told of, all or nothing. It does
// nothing if the event is there.
func (s *store) addEvent(ctx context.Context, e event, calls []call) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, `INSERT INTO events (key, service, payload, added_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (key) DO NOTHING`, e.key, e.service, e.payload, now())
		if err != nil {
			return err
		}
		if added, err := done.RowsAffected(); err != nil || added == 0 {
			return err
		}
		return putCalls(ctx, tx, calls)
	})
}

// putCalls writes calls, but none over a newer state of it.
func putCalls(ctx context.Context, tx *sql.Tx, calls []call) error {
	for _, c := range calls {
		_, err := tx.ExecContext(ctx, `INSERT INTO calls (service, id, session, started_at, version, document)
			VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (service, id) DO UPDATE SET session = excluded.session, started_at = excluded.started_at,
				version = excluded.version, document = excluded.document
			WHERE excluded.version >= calls.version`,
			c.service, c.id, c.session, stamp(c.startedAt), c.version, c.document)
		if err != nil {
			return err
		}
	}
	return nil
}

// progress is how far a job has come.
type progress struct {
	checkpoint callinsights.Checkpoint // empty before the first call
	sessions   int
	done       bool
}

// errTakenOver says that another worker does the job, as this one was taken for dead.
var errTakenOver = errors.New("another worker has taken the job over")

const selectProgress = `SELECT checkpoint, sessions, done FROM exports WHERE job = ?`

// progress returns how far a job has come, zero if it was not begun.
func (s *store) progress(ctx context.Context, job string) (progress, error) {
	return scanProgress(s.db.QueryRowContext(ctx, selectProgress, job))
}

func scanProgress(row *sql.Row) (p progress, err error) {
	err = row.Scan(&p.checkpoint, &p.sessions, &p.done)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return p, err
}

// advance writes calls together with the checkpoint behind them, all or nothing. It
// fails with [errTakenOver] if the job is not where from says, and nothing is
// written then.
func (s *store) advance(ctx context.Context, job string, from, to progress, calls []call) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		at, err := scanProgress(tx.QueryRowContext(ctx, selectProgress, job))
		if err != nil {
			return err
		}
		if at != from {
			return errTakenOver
		}
		if err := putCalls(ctx, tx, calls); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO exports (job, checkpoint, sessions, done, updated_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (job) DO UPDATE SET checkpoint = excluded.checkpoint, sessions = excluded.sessions,
				done = excluded.done, updated_at = excluded.updated_at`, job, to.checkpoint, to.sessions, to.done, now())
		return err
	})
}

// letter is a message that was given up.
type letter struct {
	key, subject, reason string
	payload              []byte
}

// bury keeps what was given up. The last reason counts.
func (s *store) bury(ctx context.Context, l letter) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO dead_letters (key, subject, reason, payload, added_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET reason = excluded.reason`, l.key, l.subject, l.reason, l.payload, now())
	return err
}

// letters returns what was given up, oldest first.
func (s *store) letters(ctx context.Context) ([]letter, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT key, subject, reason, payload FROM dead_letters ORDER BY added_at, key`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []letter
	for rows.Next() {
		var l letter
		if err := rows.Scan(&l.key, &l.subject, &l.reason, &l.payload); err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, rows.Err()
}

// unbury forgets what was given up.
func (s *store) unbury(ctx context.Context, key string) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM dead_letters WHERE key = ?`, key)
	return err
}

// write does something in one transaction.
func (s *store) write(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback()
		return err
	}
	return tx.Commit()
}

// stamp writes a time so that texts compare as times do.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000Z") }

func now() string { return stamp(time.Now()) }

// counts are how much there is of what.
type counts struct{ events, ringSense, whippy, vonage, jobs, exported, letters int }

func (s *store) count(ctx context.Context) (n counts, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT
		(SELECT count(*) FROM events),
		(SELECT count(*) FROM calls WHERE service = 'ringsense'),
		(SELECT count(*) FROM calls WHERE service = 'whippy'),
		(SELECT count(*) FROM calls WHERE service = 'vonage'),
		(SELECT count(*) FROM exports WHERE done),
		(SELECT coalesce(sum(sessions), 0) FROM exports),
		(SELECT count(*) FROM dead_letters)`).
		Scan(&n.events, &n.ringSense, &n.whippy, &n.vonage, &n.jobs, &n.exported, &n.letters)
	return n, err
}
