package ringsense

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/callinsights/callinsights-go/internal/jsonpull"
	"github.com/callinsights/callinsights-go/internal/transport"
)

const opCheckAccess = "CheckAccess"

// Answer is what is known of a question.
type Answer string

// The answers.
const (
	AnswerYes     Answer = "yes"
	AnswerNo      Answer = "no"
	AnswerUnknown Answer = "unknown" // the service did not say, or nobody can ask
)

// AccessKind is what an [AccessCheck] is about.
type AccessKind string

// The kinds of what a call may need.
const (
	AccessScope      AccessKind = "scope"      // of the app, set in the developer console
	AccessPermission AccessKind = "permission" // of the user, part of a role
	AccessLicence    AccessKind = "licence"    // of the users whose calls are recorded
)

// Access says what the login may do, as far as that can be known.
type Access struct {
	// Checks are the answers, those for insights first.
	Checks []AccessCheck
	// Scopes are those of the access token, nil where they are not known.
	Scopes []string
}

// AccessCheck is one of the things that the calls of this package need.
type AccessCheck struct {
	// Kind and Name say what it is, as in AccessScope "RingSense".
	Kind AccessKind
	Name string
	// For says what needs it, as in "insights".
	For string
	// Answer says whether it is there.
	Answer Answer
	// Step says what to do, empty if Answer is AnswerYes.
	Step string
	// Permission is what the service said of a permission, with the roles and
	// scopes behind it; nil for other kinds, and if Err is not.
	Permission *PermissionCheck
	// Err is why the service did not answer, nil if it did or was not asked.
	Err error
}

// Check returns the check of that kind and name and reports whether there is
// one.
func (a *Access) Check(kind AccessKind, name string) (AccessCheck, bool) {
	for i := range a.Checks {
		if a.Checks[i].Kind == kind && a.Checks[i].Name == name {
			return a.Checks[i], true
		}
	}
	return AccessCheck{}, false
}

// Missing returns the checks that are known to have failed, AnswerNo.
func (a *Access) Missing() []AccessCheck {
	var missing []AccessCheck
	for _, check := range a.Checks {
		if check.Answer == AnswerNo {
			missing = append(missing, check)
		}
	}
	return missing
}

// LogValue returns the answer of each check.
func (a Access) LogValue() slog.Value {
	var attrs []slog.Attr
	for i := range a.Checks {
		check := &a.Checks[i]
		attrs = append(attrs, slog.String(string(check.Kind)+" "+check.Name, string(check.Answer)))
	}
	return slog.GroupValue(attrs...)
}

// LogValue returns what was asked and the answer.
func (c AccessCheck) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("kind", string(c.Kind)),
		slog.String("name", c.Name),
		slog.String("answer", string(c.Answer)),
	)
}

// ownCallLog is the permission that need not be for the whole account.
const ownCallLog = "ReadCallLog"

// What is checked. The permissions and scopes for insights are those of
// developers.ringcentral.com/guide/ai/ace and of
// developers.ringcentral.com/guide/notifications/event-filters/ace-event-filter,
// which do not agree on the permission.
var needs = [...]AccessCheck{
	{
		Kind: AccessScope, Name: "RingSense", For: "insights",
		Step: "add the scope RingSense to the app in the developer console, then use a new access token (make a new Client), " +
			"and if that does not help a new JWT credential",
	},
	{
		Kind: AccessPermission, Name: "ReadRingSenseInsights", For: "insights",
		Step: `give the user a role with the permission "AI Conversation Expert - Access Insights" (ReadRingSenseInsights)`,
	},
	{
		Kind: AccessPermission, Name: "ReadCompanyCallRecording", For: "insights and their events, by some of the vendor's pages",
		Step: "give the user a role with the permission ReadCompanyCallRecording",
	},
	{
		Kind: AccessLicence, Name: "AI Conversation Expert", For: "insights",
		Step: "no interface tells: look in the admin portal whether the users whose calls are recorded have a licence for it",
	},
	{
		Kind: AccessScope, Name: "ReadCallLog", For: "the call log",
		Step: "add the scope ReadCallLog to the app in the developer console, then use a new access token (make a new Client)",
	},
	{
		Kind: AccessPermission, Name: "FullCompanyCallLog", For: "the call log of the account",
		Step: "give the user a role with the permission FullCompanyCallLog",
	},
	{
		Kind: AccessPermission, Name: ownCallLog, For: "the call log of the user's own extension",
		Step: "give the user a role with the permission ReadCallLog",
	},
	{
		Kind: AccessScope, Name: "SubscriptionWebhook", For: "subscriptions",
		Step: "add the scope SubscriptionWebhook to the app in the developer console, then use a new access token (make a new Client)",
	},
}

// CheckAccess finds out what stands between the login and its calls: it asks
// the service for each permission, by a request each, looks at the scopes of the
// access token, and says of what is missing how it is mended.
//
// A permission is answered by the service. A scope is answered by the token, and
// not known if a token source of your own gives tokens without the "scope" that
// the token endpoint sent with them. A licence cannot be asked for.
//
// A permission that the user has for himself alone, by its scopes, is AnswerUnknown
// where calls of others are concerned too. So is a question that the service refuses to
// answer (400, 403 or 404), as it may if the app lacks the scope for asking, or if the
// account of [WithAccount] is not that of the login; the refusal is its Err. The error
// of the call is that of a failed login, of a service that does not answer, or of ctx.
// See developers.ringcentral.com/guide/ai/ace, and
// developers.ringcentral.com/api-reference for authz-profile/check.
func (c *Client) CheckAccess(ctx context.Context) (*Access, error) {
	c = c.made()
	access := &Access{Checks: slices.Clone(needs[:])}
	for i := range access.Checks {
		check := &access.Checks[i]
		check.Answer = AnswerUnknown
		if check.Kind == AccessPermission {
			if err := c.askPermission(ctx, check); err != nil {
				return nil, err
			}
		}
	}
	// Now there is a token.
	access.Scopes = c.login.tokens.Scopes()
	for i := range access.Checks {
		check := &access.Checks[i]
		if check.Kind == AccessScope {
			check.lookFor(access.Scopes)
		}
		if check.Answer == AnswerYes {
			check.Step = ""
		}
	}
	return access, nil
}

// askPermission fills in the answer of the service. It returns an error only of
// a call that was not understood as a question.
func (c *Client) askPermission(ctx context.Context, check *AccessCheck) error {
	answer := new(PermissionCheck)
	err := c.pipeline.Call(ctx, transport.Request{
		Op: opCheckAccess, Method: http.MethodGet,
		Path:  []string{"restapi", "v1.0", "account", c.account, "extension", "~", "authz-profile", "check"},
		Query: "permissionId=" + url.QueryEscape(check.Name),
	}, func(body []byte) error {
		return jsonpull.ParseObject(string(body), answer.decode)
	})
	if refused, ok := errors.AsType[*Error](err); ok && isRefusal(refused.StatusCode) {
		check.Err = err
		check.Step = "the service did not answer the question, see Err; if it is missing, " + check.Step
		if c.account != "~" {
			check.Step = "the account of WithAccount may not be that of the login: leave WithAccount out; otherwise, " + check.Step
		}
		return nil
	}
	if err != nil {
		return err
	}
	check.Permission = answer
	switch {
	case answer.Successful == nil:
	case !*answer.Successful:
		check.Answer = AnswerNo
	case check.Name != ownCallLog && answer.Details.isForSelf():
		check.Step = "the user has the permission for himself alone, by the scopes in Permission, which may not do for calls of others; if so, " +
			check.Step
	default:
		check.Answer = AnswerYes
	}
	return nil
}

// isRefusal reports whether the status is one of an answer to the question
// itself, such as that it may not be asked, or that no such permission is known.
func isRefusal(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusForbidden || status == http.StatusNotFound
}

// lookFor answers by the scopes of the token.
func (c *AccessCheck) lookFor(scopes []string) {
	isName := func(scope string) bool { return strings.EqualFold(scope, c.Name) }
	switch {
	case slices.ContainsFunc(scopes, isName):
		c.Answer = AnswerYes
	case len(scopes) > 0:
		c.Answer = AnswerNo
	default:
		c.Step = "the token does not tell its scopes; if it is missing, " + c.Step
	}
}
