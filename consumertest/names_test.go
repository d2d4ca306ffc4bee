package main

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"testing"
	"time"

	"golang.org/x/oauth2"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
	"github.com/callinsights/callinsights-go/vonageinsights"
	"github.com/callinsights/callinsights-go/vonageinsights/field"
	"github.com/callinsights/callinsights-go/vonageinsights/vonageinsightstest"
	"github.com/callinsights/callinsights-go/whippy"
	"github.com/callinsights/callinsights-go/whippy/whippytest"
)

// The names that users' programs compile against, with their types. A change
// that breaks one of them breaks this file.

// Package callinsights.
var (
	_ = callinsights.Error{
		Vendor: "", Op: "", Method: "", Path: "", StatusCode: 0, Code: "", Message: "",
		Details:   []callinsights.ErrorDetail{{Code: "", Message: "", Parameter: ""}},
		RequestID: "", RetryAfter: time.Second, Attempts: 0, Err: error(nil),
	}
	_ func(*callinsights.Error) []byte = (*callinsights.Error).Body
	_ error                            = (*callinsights.Error)(nil)
	_ error                            = &callinsights.DecodeError{Path: "", Offset: int64(0), Err: error(nil)}
	_                                  = []error{
		callinsights.ErrInvalidRequest, callinsights.ErrUnauthorized, callinsights.ErrForbidden, callinsights.ErrNotFound,
		callinsights.ErrRateLimited, callinsights.ErrUnavailable, callinsights.ErrInvalidResponse,
	}
	_ = callinsights.RetryPolicy{MaxAttempts: 1, MinBackoff: time.Second, MaxBackoff: time.Second, MaxWait: time.Second}
	_ = callinsights.Turn{
		SpeakerID: "", Speaker: "", Role: callinsights.RoleAgent, Text: "",
		Start: callinsights.Seconds(1.5), End: callinsights.Seconds(2),
	}
	_ callinsights.Role                        = callinsights.RoleCustomer
	_ func(callinsights.Seconds) time.Duration = callinsights.Seconds.Duration

	_ func(io.Writer, callinsights.TranscriptFormat, iter.Seq[callinsights.Turn]) error = callinsights.WriteTranscript
	_ func(callinsights.TranscriptFormat, string) string                                = callinsights.TranscriptFormat.Escape
	_                                                                                   = []callinsights.TranscriptFormat{
		callinsights.TranscriptText, callinsights.TranscriptMarkdown, callinsights.TranscriptWebVTT, callinsights.TranscriptSRT,
	}

	_ interface {
		All(ctx context.Context) iter.Seq2[*int, error]
		Checkpoint() callinsights.Checkpoint
		Progress() callinsights.Progress
	} = (*callinsights.Export[int])(nil)
	_ string = string(callinsights.Checkpoint(""))
	_        = callinsights.Progress{Items: 0, Pending: 0, Skipped: 0, Causes: map[string]int{}, At: time.Time{}, Total: -1}
)

// The delivery log of package callinsights.
var (
	_ interface {
		Begin(ctx context.Context, key string, lease time.Duration) (callinsights.Claim, error)
		Commit(ctx context.Context, key, token string) error
		Release(ctx context.Context, key, token string) error
	} = callinsights.DeliveryLog(nil)
	_ func(int, time.Duration) *callinsights.MemoryDeliveryLog = callinsights.NewMemoryDeliveryLog
	_ callinsights.DeliveryLog                                 = (*callinsights.MemoryDeliveryLog)(nil)
	_                                                          = callinsights.Claim{State: callinsights.ClaimNew, Token: "", RetryAfter: time.Second}
	_                                                          = []callinsights.ClaimState{callinsights.ClaimBusy, callinsights.ClaimDone}
	_                                                          = []error{callinsights.ErrClaimLost, callinsights.ErrBusy, callinsights.Permanent(nil)}
)

// The call log of package ringsense.
var (
	_ = ringsense.CallLogQuery{
		From: time.Time{}, To: time.Time{}, ExtensionID: "", ExtensionNumber: "", PhoneNumber: "",
		Direction: ringsense.DirectionInbound, RecordingType: ringsense.RecordingAutomatic, TelephonySessionID: "", PerPage: 0,
	}
	_ = ringsense.CallRecording{
		ID: "", TelephonySessionID: "", Type: ringsense.RecordingOnDemand, URI: "", ContentURI: "",
		Call: (*ringsense.CallRecord)(nil), Leg: (*ringsense.CallLeg)(nil), Fault: (*ringsense.DecodeError)(nil),
	}
	_ = ringsense.CallRecord{
		ID: "", SessionID: "", TelephonySessionID: "", StartTime: time.Time{}, Duration: 0, DurationMs: 0,
		From: (*ringsense.CallParty)(nil), To: (*ringsense.CallParty)(nil), Extension: (*ringsense.CallExtension)(nil),
		Recording: (*ringsense.CallLogRecording)(nil), Billing: (*ringsense.CallBilling)(nil), Legs: []ringsense.CallLeg{},
		LastModifiedTime: time.Time{}, Extra: map[string]json.RawMessage{},
		SIPUUIDInfo: "", DelegationType: "", Finished: false, TransferTarget: (*ringsense.CallTransfer)(nil),
		Transferee: &ringsense.CallTransfer{TelephonySessionID: "", Extra: map[string]json.RawMessage{}},
	}
	_ func(*ringsense.CallRecord) string                     = (*ringsense.CallRecord).RawJSON
	_ func(callinsights.Checkpoint) ringsense.BackfillOption = ringsense.ResumeFrom
	_ callinsights.Checkpoint                                = ringsense.Checkpoint("")
	_ callinsights.Progress                                  = ringsense.Progress{}
	_ func(time.Duration) ringsense.BackfillOption           = ringsense.GiveUpAfter
	_ func(func(string, error)) ringsense.BackfillOption     = ringsense.OnGiveUp
	_ func(*ringsensetest.Server, ...*ringsense.CallRecord)  = (*ringsensetest.Server).AddCall
	_ func(*ringsensetest.Server, []byte) error              = (*ringsensetest.Server).AddCallJSON
	_ func(*ringsensetest.Server, bool)                      = (*ringsensetest.Server).SetCallLogTotals
	_ func(*ringsensetest.Server, bool)                      = (*ringsensetest.Server).SetCompanyCallLog
	_ func(*ringsensetest.Server, bool)                      = (*ringsensetest.Server).SetCallLogScope
	_ func(*ringsensetest.Server, ...string)                 = (*ringsensetest.Server).SetPermissionScopes
	_ func(*ringsensetest.Server, int)                       = (*ringsensetest.Server).RepeatCalls
)

// Package ringsense.
var (
	_ func(clientID, clientSecret, assertion string) ringsense.Auth          = ringsense.JWT
	_ func() (ringsense.Auth, error)                                         = ringsense.JWTFromEnv
	_ func(oauth2.TokenSource) ringsense.Auth                                = ringsense.OAuth2
	_ func(ringsense.Auth, ...ringsense.Option) (*ringsense.Client, error)   = ringsense.NewClient
	_ func(string) ringsense.Option                                          = ringsense.WithBaseURL
	_ func(*http.Client) ringsense.Option                                    = ringsense.WithHTTPClient
	_ func(*slog.Logger) ringsense.Option                                    = ringsense.WithLogger
	_ func(func(context.Context, callinsights.Observation)) ringsense.Option = ringsense.WithObserver
	_ func(callinsights.RetryPolicy) ringsense.Option                        = ringsense.WithRetry
	_ func(string) ringsense.Option                                          = ringsense.WithUserAgent
	_ func(time.Duration) ringsense.Option                                   = ringsense.WithAttemptTimeout
	_ func(int64) ringsense.Option                                           = ringsense.WithMaxResponseBytes
	_ func(string) ringsense.Option                                          = ringsense.WithAccount
	_ func(ringsense.Domain) ringsense.InsightOption                         = ringsense.InDomain
	_ func(...ringsense.InsightType) ringsense.InsightOption                 = ringsense.OnlyTypes
	_ []ringsense.Domain                                                     = []ringsense.Domain{ringsense.DomainPBX, ringsense.DomainRCV, ringsense.DomainRCX}
	_                                                                        = []error{ringsense.ErrScopeMissing, ringsense.ErrPermissionMissing, ringsense.ErrInsightsNotFound}
	_                                                                        = []error{
		ringsense.ErrInvalidRequest, ringsense.ErrUnauthorized, ringsense.ErrForbidden, ringsense.ErrNotFound,
		ringsense.ErrRateLimited, ringsense.ErrUnavailable, ringsense.ErrInvalidResponse,
	}
	_ *callinsights.Error = (*ringsense.Error)(nil)
	_                     = ringsense.SessionInsights{Records: []*ringsense.RecordingInsights{}, Paging: ringsense.Paging{}}
	_                     = ringsense.RecordingInsights{
		Title: "", RSRecordURI: "", Domain: ringsense.DomainPBX, SourceRecordID: "", SourceSessionID: "",
		CallDirection: ringsense.Direction(""), OwnerExtensionID: "", RecordingDurationMs: int64(0),
		RecordingStartTime: time.Time{}, CreationTime: time.Time{}, LastModifiedTime: time.Time{},
		SpeakerInfo: []ringsense.Speaker{{SpeakerID: "", Name: "", AccountID: "", ExtensionID: "", PhoneNumber: ""}},
		Insights: ringsense.Insights{
			Transcript: []ringsense.Utterance{{SpeakerID: "", Text: "", Start: 0, End: 0}},
			Summary:    []ringsense.Insight{{Value: "", SpeakerID: "", Start: 0, End: 0, Section: ""}},
			Highlights: nil, NextSteps: nil, BulletedSummary: nil, AIScore: nil, CallNotes: nil, Sentiment: nil, QnA: nil,
			Extra: map[string]json.RawMessage{},
		},
		Extra: map[string]json.RawMessage{},
	}
	_ func(*ringsense.Speaker) bool                                        = (*ringsense.Speaker).External
	_ func(*ringsense.RecordingInsights) iter.Seq[callinsights.Turn]       = (*ringsense.RecordingInsights).Turns
	_ func(*ringsense.RecordingInsights, string) (ringsense.Speaker, bool) = (*ringsense.RecordingInsights).Speaker
	_ func(*ringsense.RecordingInsights) time.Duration                     = (*ringsense.RecordingInsights).Duration
	_ func(*ringsense.RecordingInsights) string                            = (*ringsense.RecordingInsights).RawJSON
	_ interface {
		RecordingInsights(ctx context.Context, sourceRecordID string, opts ...ringsense.InsightOption) (*ringsense.RecordingInsights, error)
		Close(ctx context.Context) error
		SessionInsights(ctx context.Context, sourceSessionID string, opts ...ringsense.InsightOption) (*ringsense.SessionInsights, error)
		WaitRecordingInsights(ctx context.Context, sourceRecordID string, opts ...ringsense.InsightOption) (*ringsense.RecordingInsights, error)
		Get(ctx context.Context, path []string, query url.Values, out any) error
		CheckAccess(ctx context.Context) (*ringsense.Access, error)
		CallRecordings(ctx context.Context, q ringsense.CallLogQuery) iter.Seq2[*ringsense.CallRecording, error]
		Backfill(q ringsense.CallLogQuery, opts ...ringsense.BackfillOption) *callinsights.Export[ringsense.RecordingInsights]
	} = (*ringsense.Client)(nil)
	_ func(payload []byte) (*ringsense.Event, error)                                      = ringsense.ParseEvent
	_ func(*ringsense.Event) string                                                       = (*ringsense.Event).RawJSON
	_ func(*ringsense.Event) string                                                       = (*ringsense.Event).DeliveryKey
	_ func(*ringsense.Event) string                                                       = (*ringsense.Event).Type
	_ func(*ringsense.Event) string                                                       = (*ringsense.Event).Origin
	_ func(*ringsense.Access, ringsense.AccessKind, string) (ringsense.AccessCheck, bool) = (*ringsense.Access).Check
	_ func(*ringsense.Access) []ringsense.AccessCheck                                     = (*ringsense.Access).Missing
	_                                                                                     = ringsense.Event{
		UUID: "", Filter: "", Timestamp: time.Time{}, SubscriptionID: "", OwnerID: "", AccountID: "",
		Insights: (*ringsense.RecordingInsights)(nil), Body: json.RawMessage{}, Extra: map[string]json.RawMessage{},
	}
	_ = ringsense.Access{
		Checks: []ringsense.AccessCheck{{
			Kind: ringsense.AccessScope, Name: "", For: "", Answer: ringsense.AnswerYes, Step: "",
			Permission: (*ringsense.PermissionCheck)(nil), Err: error(nil),
		}},
		Scopes: []string{},
	}
	_ = []ringsense.AccessKind{ringsense.AccessScope, ringsense.AccessPermission, ringsense.AccessLicence}
	_ = []ringsense.Answer{ringsense.AnswerYes, ringsense.AnswerNo, ringsense.AnswerUnknown}
	_ = ringsense.PermissionCheck{
		URI: "", Successful: new(bool),
		Details: &ringsense.PermissionDetails{
			Permission: ringsense.Permission{
				URI: "", ID: "", SiteCompatible: "", ReadOnly: false, Assignable: false, PermissionsCapabilities: json.RawMessage{},
			},
			EffectiveRole: ringsense.EffectiveRole{URI: "", ID: "", Domain: ""}, Scopes: []string{},
		},
	}
)

// The subscriptions of package ringsense.
var (
	_ interface {
		Subscribe(ctx context.Context, s ringsense.SubscriptionRequest) (*ringsense.Subscription, error)
		Subscriptions(ctx context.Context) ([]*ringsense.Subscription, error)
		Subscription(ctx context.Context, id string) (*ringsense.Subscription, error)
		UpdateSubscription(ctx context.Context, id string, s ringsense.SubscriptionRequest) (*ringsense.Subscription, error)
		RenewSubscription(ctx context.Context, id string) (*ringsense.Subscription, error)
		Unsubscribe(ctx context.Context, id string) error
		KeepSubscribed(ctx context.Context, s ringsense.SubscriptionRequest, opts ...ringsense.KeepOption) error
	} = (*ringsense.Client)(nil)
	_ func() string                                                 = ringsense.NewVerificationToken
	_ func(...ringsense.Domain) []string                            = ringsense.InsightsFilters
	_ func(threshold, interval time.Duration) string                = ringsense.ReminderFilter
	_ func(func(ringsense.SubscriptionChange)) ringsense.KeepOption = ringsense.OnSubscriptionChange
	_ func(time.Duration) ringsense.KeepOption                      = ringsense.CheckEvery
	_ time.Duration                                                 = ringsense.DefaultSubscriptionLifetime
	_ time.Duration                                                 = ringsense.MaxSubscriptionLifetime
	_                                                               = ringsense.SubscriptionRequest{EventFilters: []string{}, Address: "", VerificationToken: "", ExpiresIn: time.Hour}
	_ error                                                         = &ringsense.DisabledFiltersError{Subscription: (*ringsense.Subscription)(nil)}
	_                                                               = ringsense.Subscription{
		URI: "", ID: "", EventFilters: []string{}, DisabledFilters: []ringsense.DisabledFilter{{Filter: "", Reason: "", Message: ""}},
		ExpirationTime: time.Time{}, ExpiresIn: int64(0), Status: ringsense.SubscriptionActive, CreationTime: time.Time{},
		DeliveryMode:    ringsense.DeliveryMode{TransportType: "", Address: "", Encryption: false},
		BlacklistedData: &ringsense.BlacklistedData{BlacklistedAt: time.Time{}, Reason: ""}, Extra: map[string]json.RawMessage{},
	}
	_ func(*ringsense.Subscription) string = (*ringsense.Subscription).RawJSON
	_                                      = ringsense.SubscriptionChange{Kind: ringsense.ChangeCreated, Subscription: (*ringsense.Subscription)(nil), Err: error(nil)}
	_                                      = []ringsense.SubscriptionStatus{ringsense.SubscriptionActive, ringsense.SubscriptionBlacklisted}
	_                                      = []ringsense.ChangeKind{
		ringsense.ChangeCreated, ringsense.ChangeAdopted, ringsense.ChangeRenewed, ringsense.ChangeLost, ringsense.ChangeRemoved, ringsense.ChangeFailed,
	}
	_ interface {
		SetSubscriptionScope(granted bool)
		DisableFilter(filter, reason string)
		Blacklist(id, reason string) bool
		Subscriptions() []*ringsense.Subscription
		SetReceiver(handler http.Handler)
		SetDelivery(transport http.RoundTripper)
		SetDeliveryRules(rules ringsensetest.DeliveryRules)
		Deliver(ctx context.Context, payloads ...[]byte) ([]ringsensetest.Delivery, error)
	} = (*ringsensetest.Server)(nil)
	_ = ringsensetest.DeliveryRules{Duplicates: 0, Reversed: false, ValidationToken: "", BlacklistAfter: 0}
	_ = ringsensetest.Delivery{SubscriptionID: "", Status: 0, Err: error(nil)}
)

// Package field.
var (
	_ field.String                       = field.AgentInformationID
	_ field.Text                         = field.TranscriptionClient
	_ func(string) field.String          = field.Parameter
	_ func(string) field.Number          = field.Tag
	_ func(json.RawMessage) field.Clause = field.Raw
	_                                    = []field.Clause{
		field.String("a").Is("b"), field.Number("a").Is(1), field.Time("a").Is(time.Time{}), field.Bool("a").Is(true),
		field.Text("a").Matches("b"),
	}
	_ = []field.Order{
		field.String("a").Asc(), field.String("a").Desc(), field.Number("a").Asc(), field.Number("a").Desc(),
		field.Time("a").Asc(), field.Time("a").Desc(),
	}
	_ = []field.Path{
		field.String("a"), field.Number("a"), field.Time("a"), field.Bool("a"), field.Text("a"), field.Object("a"),
	}
)

// Package vonageinsights.
var (
	_ func(string, vonageinsights.Region, ...vonageinsights.Option) (*vonageinsights.Client, error) = vonageinsights.NewClient
	_                                                                                               = []vonageinsights.Region{vonageinsights.EU, vonageinsights.US}
	_ func(func(context.Context) (string, error)) vonageinsights.Option                             = vonageinsights.WithAPIKeyFunc
	_ func(string) vonageinsights.Option                                                            = vonageinsights.WithBaseURL
	_ func(*http.Client) vonageinsights.Option                                                      = vonageinsights.WithHTTPClient
	_ func(*slog.Logger) vonageinsights.Option                                                      = vonageinsights.WithLogger
	_ func(func(context.Context, callinsights.Observation)) vonageinsights.Option                   = vonageinsights.WithObserver
	_ func(callinsights.RetryPolicy) vonageinsights.Option                                          = vonageinsights.WithRetry
	_ func(string) vonageinsights.Option                                                            = vonageinsights.WithUserAgent
	_ func(time.Duration) vonageinsights.Option                                                     = vonageinsights.WithAttemptTimeout
	_ func(int64) vonageinsights.Option                                                             = vonageinsights.WithMaxResponseBytes
	_ interface {
		Search(ctx context.Context, q vonageinsights.Query) iter.Seq2[*vonageinsights.Session, error]
		SearchPage(ctx context.Context, q vonageinsights.Query) (*vonageinsights.Page, error)
		Session(ctx context.Context, id string, startedAt time.Time) (*vonageinsights.Session, error)
		FindSession(ctx context.Context, id string) (*vonageinsights.Session, error)
		DeleteSession(ctx context.Context, id string, startedAt time.Time) error
		DeleteMatching(ctx context.Context, q vonageinsights.Query, opts ...vonageinsights.DeleteOption) (vonageinsights.Deletion, error)
		WaitRecording(ctx context.Context, id string, startedAt time.Time) (*vonageinsights.Session, error)
		DownloadRecording(ctx context.Context, r vonageinsights.Recording, w io.Writer, opts ...vonageinsights.DownloadOption) (int64, error)
	} = (*vonageinsights.Client)(nil)
	_ func(*vonageinsights.Session) vonageinsights.Recording = (*vonageinsights.Session).Recording
	_ func(string) vonageinsights.DownloadOption             = vonageinsights.RelativeTo
	_ func(int64) vonageinsights.DownloadOption              = vonageinsights.MaxRecordingBytes
	_ interface {
		Kind() vonageinsights.RecordingKind
		URL() string
		Resolve(base string) (string, error)
		VoiceURL() (string, bool)
	} = vonageinsights.Recording{}
	_ = []vonageinsights.RecordingKind{
		vonageinsights.RecordingNone, vonageinsights.RecordingPath, vonageinsights.RecordingURL, vonageinsights.RecordingTokenURL,
		vonageinsights.RecordingUnknown,
	}
	_ = vonageinsights.Deletion{Matched: 0, Deleted: 0, Gone: 0}
	_ = []vonageinsights.DeleteOption{
		vonageinsights.DryRun(), vonageinsights.AllowDeletingAll(),
		vonageinsights.OnListed(func(string, time.Time) {}),
		vonageinsights.OnDeleted(func(string, time.Time, bool) {}),
	}
	_ = vonageinsights.Query{
		From: time.Time{}, To: time.Time{}, Filter: vonageinsights.Filter{},
		SortBy: []field.Order{}, Fields: []field.Path{}, PageNumber: 0, PageSize: 0,
	}
	_ interface {
		Export(q vonageinsights.Query, opts ...vonageinsights.ExportOption) *callinsights.Export[vonageinsights.Session]
	} = (*vonageinsights.Client)(nil)
	_ func(callinsights.Checkpoint) vonageinsights.ExportOption          = vonageinsights.ResumeFrom
	_ func(int) vonageinsights.ExportOption                              = vonageinsights.Parallel
	_ func(int) vonageinsights.ExportOption                              = vonageinsights.Prefetch
	_ callinsights.Checkpoint                                            = vonageinsights.Checkpoint("")
	_ callinsights.Progress                                              = vonageinsights.Progress{}
	_ func(vonageinsights.Query, int) []vonageinsights.Query             = vonageinsights.Query.Split
	_ time.Duration                                                      = vonageinsights.MaxRange
	_ func(from, to time.Time) (first, last time.Time)                   = vonageinsights.Days
	_                                                                    = vonageinsights.Filter{Must: []field.Clause{}, MustNot: nil, Should: nil}
	_ func(...field.Clause) vonageinsights.Filter                        = vonageinsights.Where
	_ func(vonageinsights.Filter, ...field.Clause) vonageinsights.Filter = vonageinsights.Filter.Not
	_ func(vonageinsights.Filter, ...field.Clause) vonageinsights.Filter = vonageinsights.Filter.Any
	_ func(vonageinsights.Filter, []byte) ([]byte, error)                = vonageinsights.Filter.AppendText
	_                                                                    = vonageinsights.Page{Total: 0, PageNumber: 0, PageSize: 0, Sessions: []*vonageinsights.Session{}}
	_ func(*vonageinsights.Session) iter.Seq[callinsights.Turn]          = (*vonageinsights.Session).Turns
	_ func(*vonageinsights.Session) string                               = (*vonageinsights.Session).RawJSON
	_                                                                    = vonageinsights.Where(field.AgentInformationID.Is("1234567"), field.TranscriptionClient.Matches("shut up")).Not(field.FlowDataCollectedTagsTag.Is("invalid"))
	_                                                                    = []error{
		vonageinsights.ErrInvalidRequest, vonageinsights.ErrUnauthorized, vonageinsights.ErrForbidden, vonageinsights.ErrNotFound,
		vonageinsights.ErrRateLimited, vonageinsights.ErrUnavailable, vonageinsights.ErrInvalidResponse,
	}
)

// Package whippy.
var (
	_ func([]byte) (*whippy.Event, error) = whippy.ParseEvent
	_                                     = whippy.Event{
		Type: whippy.EventType(""), APIVersion: "", RequestID: "", CreatedAt: time.Time{}, Data: whippy.Data(nil),
	}
	_ func(a, b *whippy.Event) bool                  = whippy.Newer
	_ error                                          = whippy.ErrInvalidResponse
	_ *callinsights.Error                            = (*whippy.Error)(nil)
	_ *callinsights.DecodeError                      = (*whippy.DecodeError)(nil)
	_ func(*whippy.Event) string                     = (*whippy.Event).RawJSON
	_ func(*whippy.Event) string                     = (*whippy.Event).DeliveryKey
	_ whippy.Data                                    = (*whippy.Call)(nil)
	_ whippy.Data                                    = (*whippy.Unknown)(nil)
	_ func(*whippy.Unknown, any) error               = (*whippy.Unknown).Decode
	_ func(*whippy.Call) iter.Seq[callinsights.Turn] = (*whippy.Call).Turns
	_ func(*whippy.Call) (time.Duration, bool)       = (*whippy.Call).Duration
	_ func(*whippy.Call) (whippy.Attachment, bool)   = (*whippy.Call).Recording
	_ func(*whippy.Call) (whippy.Attachment, bool)   = (*whippy.Call).TranscriptFile
	_ func(*whippy.Call) (whippy.Attachment, bool)   = (*whippy.Call).AnalysisFile
)

// Receivers, and the files of Whippy.
var (
	_ func(int, time.Duration) *ringsense.MemoryDeliveryLog = ringsense.NewMemoryDeliveryLog
	_ func(int, time.Duration) *whippy.MemoryDeliveryLog    = whippy.NewMemoryDeliveryLog
	_ callinsights.DeliveryLog                              = ringsense.DeliveryLog(nil)
	_ callinsights.DeliveryLog                              = whippy.DeliveryLog(nil)
	_                                                       = callinsights.Claim{State: callinsights.ClaimNew, Token: "", RetryAfter: time.Second}
	_                                                       = []callinsights.ClaimState{whippy.ClaimNew, whippy.ClaimBusy, whippy.ClaimDone, ringsense.ClaimNew, ringsense.ClaimBusy, ringsense.ClaimDone}
	_                                                       = []callinsights.Claim{whippy.Claim{}, ringsense.Claim{}}
	_                                                       = []func(error) error{callinsights.Permanent, whippy.Permanent, ringsense.Permanent}
	_                                                       = []func(error) bool{callinsights.IsPermanent, whippy.IsPermanent, ringsense.IsPermanent}
	_                                                       = []error{whippy.ErrBusy, whippy.ErrClaimLost, ringsense.ErrBusy, ringsense.ErrClaimLost}
	_                                                       = []error{
		whippy.ErrSignatureMissing, whippy.ErrSignatureMalformed, whippy.ErrSignatureStale, whippy.ErrSignatureMismatch,
		whippy.ErrInvalidRequest, whippy.ErrUnauthorized, whippy.ErrForbidden, whippy.ErrNotFound, whippy.ErrRateLimited, whippy.ErrUnavailable,
	}
	_ func(func(context.Context, *whippy.Event) error, ...whippy.HandlerOption) (*whippy.EventHandler, error)          = whippy.NewEventHandler
	_ func(func(context.Context, *ringsense.Event) error, ...ringsense.HandlerOption) (*ringsense.EventHandler, error) = ringsense.NewEventHandler
	_ interface {
		http.Handler
		Handle(ctx context.Context, e *whippy.Event) error
		Drain(ctx context.Context) error
	} = (*whippy.EventHandler)(nil)
	_ interface {
		http.Handler
		Handle(ctx context.Context, e *ringsense.Event) error
		Drain(ctx context.Context) error
	} = (*ringsense.EventHandler)(nil)
	_ = []whippy.HandlerOption{
		whippy.WithVerifier(nil), whippy.WithoutVerification(), whippy.WithDeliveryLog(nil), whippy.WithMaxBodyBytes(0), whippy.WithHandlerTimeout(0),
		whippy.WithLease(0), whippy.WithMaxConcurrent(0), whippy.WithHandlerLogger(nil),
		whippy.WithDeadLetter(func(context.Context, []byte, error) error { return nil }),
	}
	_ = []ringsense.HandlerOption{
		ringsense.WithVerificationToken("", ""), ringsense.WithoutVerification(), ringsense.WithDeliveryLog(nil), ringsense.WithMaxBodyBytes(0),
		ringsense.WithHandlerTimeout(0), ringsense.WithLease(0), ringsense.WithMaxConcurrent(0), ringsense.WithHandlerLogger(nil),
		ringsense.WithDeadLetter(func(context.Context, []byte, error) error { return nil }),
	}
	_ func([]string, ...whippy.VerifierOption) (*whippy.Verifier, error) = whippy.NewVerifier
	_ func(*whippy.Verifier, http.Header, []byte) error                  = (*whippy.Verifier).Verify
	_                                                                    = []whippy.VerifierOption{
		whippy.WithTolerance(time.Minute), whippy.WithClock(time.Now),
		whippy.WithScheme(func(_ http.Header, body []byte) (whippy.Signature, error) {
			return whippy.Signature{Signed: [][]byte{body}, MACs: [][]byte{}, At: time.Time{}}, nil
		}),
	}
	_ string                                         = whippy.SignatureHeader
	_ whippy.Data                                    = (*whippy.Message)(nil)
	_ *whippy.Call                                   = (*whippy.Call)((*whippy.Message)(nil))
	_ func(*whippy.Message) (*whippy.Call, bool)     = (*whippy.Message).Call
	_ func(*whippy.Message) string                   = (*whippy.Message).RawJSON
	_ func(...whippy.Option) (*whippy.Client, error) = whippy.NewClient
	_ interface {
		Download(ctx context.Context, a whippy.Attachment, w io.Writer) (int64, error)
	} = (*whippy.Client)(nil)
	_ = []whippy.Option{
		whippy.WithHTTPClient(nil), whippy.WithLogger(nil), whippy.WithObserver(func(context.Context, whippy.Observation) {}),
		whippy.WithRetry(whippy.RetryPolicy{}), whippy.WithUserAgent(""), whippy.WithAttemptTimeout(0), whippy.WithMaxAttachmentBytes(0),
	}
	_ func(secret string, payload []byte, opts ...whippytest.RequestOption) *http.Request    = whippytest.NewRequest
	_ func(context.Context, http.Handler, string, []byte, ...whippytest.RequestOption) []int = whippytest.Deliver
	_                                                                                        = []whippytest.RequestOption{
		whippytest.SignedAt(time.Time{}), whippytest.AlsoSignedWith(""), whippytest.EncodedAs(func([]byte) string { return "" }),
		whippytest.InMilliseconds(), whippytest.SignatureFirst(), whippytest.To(""), whippytest.Gzipped(), whippytest.CutAfter(0),
	}
	_                               = []func(...whippytest.MessageEdit) []byte{whippytest.MessageCreated, whippytest.MessageUpdated}
	_ func(whippy.EventType) []byte = whippytest.Sample
	_ whippytest.MessageEdit        = func(*whippy.Event, *whippy.Message) {}
)

// The fakes.
var (
	_ func() *ringsensetest.Server                                          = ringsensetest.NewServer
	_ func(*ringsense.RecordingInsights, ...ringsensetest.EventEdit) []byte = ringsensetest.EventPayload
	_ interface {
		http.Handler
		Client(opts ...ringsense.Option) *ringsense.Client
		Add(records ...*ringsense.RecordingInsights)
		AddJSON(document []byte) error
		AddAnswer(path string, document []byte)
		SetReadyAfter(missing, empty time.Duration)
		SetRateLimits(on bool)
		SetRetryAfter(sent bool)
		Fail(f ringsensetest.Fault)
		Requests() []ringsensetest.Request
	} = (*ringsensetest.Server)(nil)
	_ = ringsensetest.Fault{Op: "", N: 0, Status: 0, Header: http.Header{}, Body: "", Delay: time.Second, DelayAfter: 0, CutAfter: 0}

	_ func() *vonageinsightstest.Server = vonageinsightstest.NewServer
	_ interface {
		http.Handler
		Client(opts ...vonageinsights.Option) *vonageinsights.Client
		Add(sessions ...*vonageinsights.Session)
		AddAfter(d time.Duration, sessions ...*vonageinsights.Session)
		AddJSON(document []byte) error
		Remove(ids ...string)
		AddRecording(id string, r vonageinsightstest.Recording)
		AnswerParameters(alone bool)
		SetMaxPageSize(n int)
		SetResultWindow(n int)
		SetPrecision(d time.Duration)
		SetExclusiveEnds(exclusive bool)
		Fail(f vonageinsightstest.Fault)
		Requests() []vonageinsightstest.Request
	} = (*vonageinsightstest.Server)(nil)
	_        = vonageinsightstest.Recording{Kind: vonageinsights.RecordingURL, After: time.Second, Data: []byte{}, Base: ""}
	_ string = vonageinsightstest.RecordingBase
	_        = vonageinsightstest.Fault{Op: "", N: 0, Status: 0, Header: http.Header{}, Body: "", Delay: time.Second, DelayAfter: 0, CutAfter: 0}
)

// Payloads of events.
var (
	_ []func(edits ...whippytest.Edit) []byte        = []func(edits ...whippytest.Edit) []byte{whippytest.CallStarted, whippytest.CallEnded, whippytest.CallAnalyzed}
	_ func(n int, edits ...whippytest.Edit) [][]byte = whippytest.CallEvents
	_ func(*whippy.Event) []byte                     = whippytest.Payload
	_ whippytest.Edit                                = func(*whippy.Event, *whippy.Call) {}
)

// storable is what users keep.
type storable interface {
	json.Marshaler
	slog.LogValuer
}

var (
	_ = []storable{
		ringsense.RecordingInsights{},
		ringsense.SessionInsights{},
		ringsense.Subscription{},
		vonageinsights.Session{},
		vonageinsights.Page{},
		whippy.Event{},
		whippy.Call{},
	}
	_ = []json.Unmarshaler{
		(*ringsense.RecordingInsights)(nil), (*ringsense.SessionInsights)(nil), (*ringsense.Subscription)(nil), (*vonageinsights.Session)(nil),
		(*vonageinsights.Page)(nil), (*whippy.Event)(nil), (*whippy.Call)(nil),
	}
)

// TestFromOutside does the main job of each package on its fake.
func TestFromOutside(t *testing.T) {
	t.Parallel()
	rc := ringsensetest.NewServer()
	rc.Add(&ringsense.RecordingInsights{SourceRecordID: "42", Domain: ringsense.DomainPBX, Title: "Call"})
	record, err := rc.Client().RecordingInsights(t.Context(), "42")
	if err != nil || record.Title != "Call" {
		t.Errorf("RecordingInsights: %v, %v", record, err)
	}
	studio := vonageinsightstest.NewServer()
	start := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	studio.Add(&vonageinsights.Session{ID: "s-1", SessionStartTime: start})
	client, found := studio.Client(), 0
	for session, err := range client.Search(t.Context(), vonageinsights.Query{From: start, To: start.Add(time.Hour)}) {
		if err != nil {
			t.Fatal(err)
		}
		found++
		if err := client.DeleteSession(t.Context(), session.ID, session.SessionStartTime); err != nil {
			t.Error(err)
		}
	}
	if found != 1 {
		t.Errorf("found %d sessions, want 1", found)
	}
	for _, payload := range whippytest.CallEvents(1) {
		if _, err := whippy.ParseEvent(payload); err != nil {
			t.Error(err)
		}
	}
}
