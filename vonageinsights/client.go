package vonageinsights

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/option"
	"github.com/callinsights/callinsights-go/internal/retry"
	"github.com/callinsights/callinsights-go/internal/transport"
)

const vendor = "vonageinsights"

// The names of the calls, as errors and observations have them.
const (
	opSearch        = "Search"
	opSearchPage    = "SearchPage"
	opSession       = "Session"
	opFindSession   = "FindSession"
	opDeleteSession = "DeleteSession"
	opWait          = "WaitRecording"
	opDownload      = "DownloadRecording"
)

// Region is where an agent and its sessions are. An account may have agents in
// both; a client sees one region.
type Region string

// The regions.
const (
	EU Region = "eu"
	US Region = "us"
)

// Client reads and deletes sessions. It is safe for concurrent use; one is
// enough for a key and region. Make it with [NewClient]: a zero or nil client
// refuses every call with [ErrInvalidRequest].
type Client struct {
	pipeline *transport.Pipeline
	files    *transport.Downloader
	base     string
	region   Region
	keys     *keys
	plain    bool
	maxValue int64
	retry    RetryPolicy
}

// NewClient returns a client for the sessions of the account of apiKey in
// region. White space around the key, such as the newline of the file that it was
// read from, is taken off, and the region may be in letters of either case. It
// checks its arguments and the options, of which later ones win, and makes no
// network call. Its errors match [ErrInvalidRequest] and name what is
// wrong.
func NewClient(apiKey string, region Region, opts ...Option) (*Client, error) {
	region = Region(strings.ToLower(string(region)))
	if region != EU && region != US {
		return nil, refused(fault.Invalid("the region is unknown; it is EU or US, that of the agent"))
	}
	var cfg config
	cfg.BaseURL = "https://studio-api-" + string(region) + ".ai.vonage.com"
	if err := option.Apply(opts, Option.apply, &cfg); err != nil {
		return nil, refused(err)
	}
	c := &Client{
		base:     strings.TrimRight(strings.TrimSpace(cfg.BaseURL), "/"),
		region:   region,
		plain:    cfg.plain,
		maxValue: cmp.Or(cfg.MaxResponseBytes, transport.DefaultMaxResponseBytes),
		retry:    retry.WithDefaults(cfg.Retry),
	}
	if cfg.keyFunc != nil {
		c.keys = rotatingKey(cfg.keyFunc)
	} else {
		key, err := checkKey(apiKey)
		if err != nil {
			return nil, refused(err)
		}
		c.keys = staticKey(key)
	}
	var err error
	c.pipeline, err = transport.New(cfg.Config, transport.Vendor{
		Name:             vendor,
		Auth:             c.keys,
		RequestIDHeaders: []string{"X-Request-Id"},
		Explain:          c.explain,
	})
	if err != nil {
		return nil, refused(err)
	}
	c.files = transport.NewDownloader(cfg.Config, transport.Vendor{Name: vendor, RequestIDHeaders: []string{"X-Request-Id"}})
	return c, nil
}

func refused(err error) error { return fmt.Errorf("%s: NewClient: %w", vendor, err) }

// made returns c or, for a nil or a zero client, one that refuses all calls.
func (c *Client) made() *Client {
	if c == nil || c.pipeline == nil {
		return &Client{pipeline: transport.Unmade(vendor), files: transport.UnmadeDownloader(vendor), base: "no service, as it was not made by NewClient"}
	}
	return c
}

// String shows the vendor and the base URL, never a credential.
func (c *Client) String() string { return vendor + " client of " + c.made().base }

// LogValue shows the vendor and the base URL, never a credential.
func (c *Client) LogValue() slog.Value {
	return slog.GroupValue(slog.String("vendor", vendor), slog.String("base_url", c.made().base))
}

// Session returns the session with the given id that began on the day, in UTC,
// of startedAt, which need not be exact. A zero startedAt is not sent: the
// service documents it as needed; programs in public use leave it out.
//
// If the service answers with nothing but the session's parameters, they are
// those of the session that is returned, which has the id that was asked for
// and nothing else.
//
// The error matches [ErrNotFound] if there is no such session on that day, or
// if it is in another region, and [ErrInvalidRequest] if id cannot be one. See
// studio.docs.ai.vonage.com/api-integration/vai-integration-guide.
func (c *Client) Session(ctx context.Context, id string, startedAt time.Time) (*Session, error) {
	c = c.made()
	return c.lookUp(ctx, opSession, id, startedAt, c.sessionPath(id))
}

func (c *Client) sessionPath(id string) []string {
	path := []string{"insights", "sessions", id, "parameters"}
	if c.plain {
		return path[:3]
	}
	return path
}

// FindSession returns the session with the given id, whenever it began. It is
// much slower than [Client.Session], says the service: use it only if the day is
// unknown.
//
// The error matches [ErrNotFound] if there is no such session, or if it is in
// another region, and [ErrInvalidRequest] if id cannot be one. See
// studio.docs.ai.vonage.com/api-integration/vai-integration-guide.
func (c *Client) FindSession(ctx context.Context, id string) (*Session, error) {
	c = c.made()
	return c.lookUp(ctx, opFindSession, id, time.Time{}, []string{"insights", "sessions", "search", id})
}

func (c *Client) lookUp(ctx context.Context, op, id string, startedAt time.Time, path []string) (*Session, error) {
	query, err := lookUpQuery(id, startedAt)
	if err != nil {
		return nil, c.pipeline.Refuse(ctx, op, err)
	}
	var session *Session
	err = c.pipeline.Call(ctx, transport.Request{Op: op, Path: path, Query: query}, func(body []byte) error {
		session, err = decodeAnswer(body, op, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return session, nil
}

// DeleteSession deletes the session with the given id that began on the day, in
// UTC, of startedAt, which is required and need not be exact. What becomes of
// its recording is not documented.
//
// The error matches [ErrNotFound] if there is no such session on that day, or if it is
// in another region; also if an earlier attempt, which failed, had deleted it after
// all, which the error then says. It matches [ErrInvalidRequest] if id cannot be one or
// startedAt is zero. See
// studio.docs.ai.vonage.com/api-integration/vai-integration-guide.
func (c *Client) DeleteSession(ctx context.Context, id string, startedAt time.Time) error {
	c = c.made()
	query, err := lookUpQuery(id, startedAt)
	if err == nil && startedAt.IsZero() {
		err = errors.New("the time at which the session began is zero; its day is required, to delete a session")
	}
	if err != nil {
		return c.pipeline.Refuse(ctx, opDeleteSession, err)
	}
	return c.pipeline.Call(ctx, transport.Request{
		Op: opDeleteSession, Method: http.MethodDelete,
		Path: []string{"insights", "sessions", id}, Query: query,
	}, nil)
}

// lookUpQuery checks what identifies a session and returns the query, which is
// empty for a zero time. Midnight goes out as the date alone, as the service
// allows.
func lookUpQuery(id string, startedAt time.Time) (string, error) {
	switch {
	case id == "":
		return "", errors.New("the session id is empty")
	case strings.ContainsFunc(id, unicode.IsSpace):
		return "", errors.New("the session id holds a space; was more than the id copied?")
	case strings.Contains(id, "/"):
		return "", errors.New("the session id holds a slash, as no id does")
	case id == "search":
		return "", errors.New(`"search" is no session id, but the path of another call`)
	case startedAt.IsZero():
		return "", nil
	case !sendable(startedAt):
		return "", fmt.Errorf("the time at which the session began is in year %d; it must be from 0 to 9999", startedAt.UTC().Year())
	}
	text := appendTime(nil, startedAt)
	if day, ok := strings.CutSuffix(string(text), "T00:00:00.000000"); ok {
		text = []byte(day)
	}
	return string(appendParameter(nil, "session_start_time", text)), nil
}

// decodeAnswer decodes the answer to a call for one session: the session
// itself; or a page with it as the only hit; or, to opSession, a map of its
// parameters, if there is neither an id nor a status nor a start time. No
// recording is among those, so to opWait they are an error.
func decodeAnswer(body []byte, op, id string) (*Session, error) {
	doc := string(body)
	session := new(Session)
	fault := jsonpull.ParseObject(doc, session.decode)
	if fault == nil && (session.ID != "" || session.Status != "" || !session.SessionStartTime.IsZero()) {
		session.ID = cmp.Or(session.ID, id)
		return session, nil
	}
	// Perhaps none: what has no value may be there all the same.
	isSession, isPage, raw, err := look(doc)
	switch {
	case err != nil:
		return nil, err
	case !isSession && isPage:
		return onlyHit(body)
	case !isSession && op == opSession:
		return &Session{ID: id, parameters: raw, raw: raw}, nil
	case !isSession && op == opWait:
		return nil, errors.New("the answer is nothing but parameters, where no recording is; give NewClient the option WithPlainSessionPath")
	case !isSession:
		return nil, errors.New("the answer is no session: it has neither an id nor a status nor a start time")
	case fault != nil:
		return nil, fault
	}
	session.ID = id
	return session, nil
}

// look reports whether a document has what sessions or pages have. raw is its
// text.
func look(doc string) (isSession, isPage bool, raw string, err error) {
	err = jsonpull.ParseObject(doc, func(d *jsonpull.Decoder) {
		mark := d.Mark()
		for obj := d.Object(); obj.Next(); {
			switch obj.Key {
			case "id", "status", "session_start_time":
				isSession = true
			case "hits":
				isPage = d.Kind() == '['
			}
		}
		raw = d.From(mark)
	})
	return isSession, isPage, raw, err
}

func onlyHit(body []byte) (*Session, error) {
	page, _, err := decodePage(body)
	switch {
	case err != nil:
		return nil, err
	case len(page.Sessions) == 0:
		return nil, fault.New("the answer holds no session", ErrNotFound)
	case len(page.Sessions) > 1:
		return nil, fmt.Errorf("the answer holds %d sessions instead of one", len(page.Sessions))
	}
	return page.Sessions[0], nil
}
