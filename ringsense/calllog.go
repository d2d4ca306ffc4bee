package ringsense

import (
	"cmp"
	"context"
	"iter"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/callinsights/callinsights-go/internal/fault"
)

// CallLogQuery says which recorded calls of the call log are wanted.
type CallLogQuery struct {
	// From and To bound the time at which a call began. From is required. A zero
	// To is the time at which reading begins, and stays that however long it
	// takes. Neither may be in the future, as what is to come would be missed.
	// Calls of the last hours before To may not be listed yet; see
	// [Client.CallRecordings].
	From, To time.Time
	// ExtensionID reads the log of one extension instead of the account's; "~"
	// is the extension of the user. Empty is the account's log.
	ExtensionID string
	// ExtensionNumber keeps the calls of the extension with this short number,
	// in the account's log only.
	ExtensionNumber string
	// PhoneNumber keeps the calls from or to this number, in E.164. It cannot be
	// used together with ExtensionNumber.
	PhoneNumber string
	// Direction keeps the calls of one direction, DirectionInbound or
	// DirectionOutbound. Empty is both.
	Direction Direction
	// RecordingType keeps the calls that were recorded for one reason,
	// RecordingAutomatic or RecordingOnDemand. Empty is all that were recorded.
	RecordingType RecordingType
	// TelephonySessionID keeps the calls of one session.
	TelephonySessionID string
	// PerPage is the most calls in an answer of the service, 1 to 1000; 0 is
	// 1000. The fewer, the sooner the first call arrives, and the more of the
	// few requests a minute that the service allows are needed.
	PerPage int
}

// LogValue returns what is asked for, but not the phone number.
func (q CallLogQuery) LogValue() slog.Value {
	return slog.GroupValue(
		slog.Time("from", q.From),
		slog.Time("to", q.To),
		slog.String("extension_id", q.ExtensionID),
		slog.String("extension_number", q.ExtensionNumber),
		slog.Bool("phone_number", q.PhoneNumber != ""),
		slog.String("direction", string(q.Direction)),
		slog.String("recording_type", string(q.RecordingType)),
		slog.String("telephony_session_id", q.TelephonySessionID),
		slog.Int("per_page", q.PerPage),
	)
}

// CallRecording is a recording that the call log lists.
type CallRecording struct {
	// ID is what [Client.RecordingInsights] takes.
	ID string `json:"id"`
	// TelephonySessionID is what [Client.SessionInsights] takes. The recordings
	// of a call that was transferred share it. It may be empty.
	TelephonySessionID string `json:"telephonySessionId"`
	// Type says why the call was recorded.
	Type RecordingType `json:"type"`
	// URI is the address of the recording's data, and ContentURI that of its
	// sound, on another host, which wants the same access token.
	URI        string `json:"uri"`
	ContentURI string `json:"contentUri"`
	// Call is the call that was recorded. Several recordings may share it.
	Call *CallRecord `json:"call"`
	// Leg is the part of Call that was recorded, nil for the call as a whole.
	Leg *CallLeg `json:"leg,omitempty"`
	// Fault is nil as a rule. Otherwise a member of the call is of another kind
	// than documented, and this says which one and where in Call.RawJSON. That
	// text has what is missing here: all but the ids of the record, the sessions
	// and the recordings, and StartTime, is then empty in this value, in Call and
	// in Leg. Neither is written as JSON.
	Fault *DecodeError `json:"-"`
}

// LogValue returns the ids and the type, not who called whom.
func (r CallRecording) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", r.ID),
		slog.String("telephony_session_id", r.TelephonySessionID),
		slog.String("type", string(r.Type)),
	)
}

// CallRecordings reads the recorded calls of the account's or an extension's
// call log and yields each recording once, those of the legs included, in the
// order in which the calls began, oldest first. Their ids are those of
// [DomainPBX]; the call log knows no others.
//
// It reads the log in pieces of time, which it chooses so that each is a page,
// and holds one piece in memory. The service allows some ten pages a minute. If
// more calls began within a minute than a page holds, and one of them is deleted
// at that very moment, another one may be missed.
//
// A call is listed some minutes after it ended, by the time at which it began,
// so one that lasts for hours appears in a part of the log that may have been
// read. To miss none, let To be a day ago, or begin the next range a day before
// the end of the last one and leave out the ids that are known: a day is longer
// than any call is likely to be.
//
// "Once" holds for a recording that is listed by several calls, such as those of
// a transfer, if they began within a day of each other. A call whose startTime is
// missing or cannot be right comes before the others of its piece. One that is
// wrong by hours, and yet could be right, is taken as it is: the recording comes out
// of order, and a [Client.Backfill] that is resumed may miss it or yield it twice.
//
// A call with a member of another kind than documented hides neither itself nor
// others: its recordings come with a Fault. If it is one of the members that lead
// to the recordings (the ids, startTime, recording, legs), the walk ends with an
// [ErrInvalidResponse] that names it, such as records[7].recording.id, as a
// recording could be missed otherwise.
//
// The error is the last thing yielded. Beside the errors that the package
// documentation lists, a query that is refused is an [ErrInvalidRequest], and
// nothing is sent; a user who may not read the account's log gets an
// [ErrPermissionMissing] and never his own log instead. The app needs the scope
// ReadCallLog. See developers.ringcentral.com/guide/voice/call-log/api.
func (c *Client) CallRecordings(ctx context.Context, q CallLogQuery) iter.Seq2[*CallRecording, error] {
	c = c.made()
	return func(yield func(*CallRecording, error) bool) {
		log, err := c.callLog(q, time.Now())
		if err != nil {
			yield(nil, c.pipeline.Refuse(ctx, opCallRecordings, err))
			return
		}
		for place, err := range log.read(ctx, logPlace{}, nil) {
			if err == nil && place.recording == nil {
				continue
			}
			if !yield(place.recording, err) || err != nil {
				return
			}
		}
	}
}

const (
	opCallRecordings = "CallRecordings"
	maxPerPage       = 1000
	// callLogPermission is the advice to a user who may not read a call log.
	callLogPermission = "the user lacks a permission: FullCompanyCallLog for the account's call log, ReadCallLog for that of an extension; " +
		`with ExtensionID "~" he reads his own, which is not the account's`
)

// callLog is the part of the log that a query wants.
type callLog struct {
	client   *Client
	from, to time.Time
	path     []string
	filter   string // the part of the query that all requests share
	perPage  int
}

// callLog checks q, whose zero To becomes now.
func (c *Client) callLog(q CallLogQuery, now time.Time) (*callLog, error) {
	if err := q.check(now); err != nil {
		return nil, err
	}
	path := []string{"restapi", "v1.0", "account", c.account}
	if q.ExtensionID != "" {
		path = append(path, "extension", q.ExtensionID)
	}
	log := &callLog{
		client: c, from: q.From, to: q.To, path: append(path, "call-log"), filter: q.filter(), perPage: q.PerPage,
	}
	if log.to.IsZero() {
		log.to = now
	}
	if log.perPage == 0 {
		log.perPage = maxPerPage
	}
	return log, nil
}

func (q *CallLogQuery) check(now time.Time) error {
	switch {
	case q.From.IsZero():
		return fault.Invalid("From is zero; set when the first call began")
	case q.From.After(now):
		return fault.Invalid("From is in the future")
	case q.To.After(now):
		return fault.Invalid("To is in the future, so calls to come would be missed; leave it zero for now")
	case !q.To.IsZero() && !q.From.Before(q.To):
		return fault.Invalid("the range is upside down or empty: From is not before To")
	case q.From.Year() < 1:
		return fault.Invalid("From is before the year 1")
	case q.PerPage < 0 || q.PerPage > maxPerPage:
		return fault.Invalid("PerPage is %d; it is 1 to %d, or 0 for %d", q.PerPage, maxPerPage, maxPerPage)
	case strings.Trim(q.ExtensionID, accountChars) != "" && q.ExtensionID != "~":
		return fault.Invalid(`ExtensionID is neither "~" nor an id of letters, digits and hyphens`)
	case q.ExtensionNumber != "" && q.ExtensionID != "":
		return fault.Invalid("ExtensionNumber is for the account's log, and ExtensionID asks for that of an extension")
	case q.ExtensionNumber != "" && q.PhoneNumber != "":
		return fault.Invalid("PhoneNumber and ExtensionNumber cannot be used together")
	}
	return q.checkNames()
}

// checkNames refuses what the service might take for no condition at all.
func (q *CallLogQuery) checkNames() error {
	switch q.Direction {
	case "", DirectionInbound, DirectionOutbound:
	default:
		return fault.Invalid("Direction is neither %s nor %s; leave it empty for both", DirectionInbound, DirectionOutbound)
	}
	switch q.RecordingType {
	case "", RecordingAutomatic, RecordingOnDemand:
	default:
		return fault.Invalid("RecordingType is neither %s nor %s; leave it empty for both", RecordingAutomatic, RecordingOnDemand)
	}
	return nil
}

// filter encodes what does not change from request to request.
func (q *CallLogQuery) filter() string {
	filter := []string{"view=Detailed"}
	for _, parameter := range [...]struct{ name, value string }{
		{"recordingType", string(cmp.Or(q.RecordingType, "All"))},
		{"direction", string(q.Direction)},
		{"extensionNumber", q.ExtensionNumber},
		{"phoneNumber", strings.TrimPrefix(q.PhoneNumber, "+")},
		{"telephonySessionId", q.TelephonySessionID},
	} {
		if parameter.value != "" {
			filter = append(filter, parameter.name+"="+strings.ReplaceAll(url.QueryEscape(parameter.value), "+", "%20"))
		}
	}
	return strings.Join(filter, "&")
}

// query encodes a request for a page of the calls that began in w.
func (l *callLog) query(w logWindow, page int) string {
	return l.filter + "&dateFrom=" + logTime(w.from) + "&dateTo=" + logTime(w.to) +
		"&perPage=" + strconv.Itoa(l.perPage) + "&page=" + strconv.Itoa(page)
}

// logTime writes a time as the vendor's pages do, in milliseconds.
func logTime(t time.Time) string {
	return url.QueryEscape(t.UTC().Format("2006-01-02T15:04:05.000Z"))
}
