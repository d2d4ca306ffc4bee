package auth

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	callinsights "github.com/callinsights/callinsights-go"
	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/retry"
)

// opToken is the operation that errors and observations name.
const opToken = "Token"

// tokenTimeout bounds one attempt at the token endpoint.
const tokenTimeout = 30 * time.Second

// JWT exchanges a user's stored JWT for access tokens, as
// developers.ringcentral.com/guide/authentication/jwt-flow has it: the JWT is
// presented as it is, and the app authenticates with HTTP Basic.
type JWT struct {
	ClientID     string
	ClientSecret opaque.Secret
	Assertion    opaque.Secret
	// Path are the segments of the token endpoint below the base URL.
	Path []string
}

// Source returns the source of tokens. Its errors are *callinsights.Error with
// the operation "Token", which hold no text of the answer: it may repeat the
// credentials.
func (j JWT) Source() Source {
	return func(ctx context.Context, next Sender) (Token, error) {
		endpoint, err := next.Endpoint(j.Path...)
		if err != nil {
			return Token{}, err
		}
		config := clientcredentials.Config{
			ClientID:     j.ClientID,
			ClientSecret: j.ClientSecret.Reveal(),
			TokenURL:     endpoint.String(),
			AuthStyle:    oauth2.AuthStyleInHeader,
			EndpointParams: url.Values{
				"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"},
				"assertion":  {j.Assertion.Reveal()},
			},
		}
		x := &exchange{next: next, secrets: j.Secrets()}
		ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: x})
		if _, err := config.Token(ctx); err != nil {
			return Token{}, x.failed // without the library's text around it
		}
		return x.token, nil
	}
}

// basic is the credential of the app as HTTP Basic has it, its parts escaped
// like those of a form.
func (j JWT) basic() string {
	text := url.QueryEscape(j.ClientID) + ":" + url.QueryEscape(j.ClientSecret.Reveal())
	return base64.StdEncoding.EncodeToString([]byte(text))
}

// Secrets are what the requests to the OAuth endpoints hold.
func (j JWT) Secrets() []opaque.Secret {
	return []opaque.Secret{j.ClientSecret, j.Assertion, opaque.NewSecret(j.basic())}
}

// exchange takes the request that the library has made through the pipeline,
// and reads the answer more strictly and more kindly than the library does.
type exchange struct {
	next    Sender
	secrets []opaque.Secret
	token   Token
	failed  error
}

func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(req.Body) // from memory
	header := x.next.Header()
	maps.Copy(header, req.Header)
	call := retry.Call{
		Op: opToken, Row: retry.TokenRequest, Timeout: tokenTimeout,
		Method: req.Method, URL: req.URL, Header: header, Body: body,
	}
	began := time.Now()
	out := x.next.Send(req.Context(), call)
	out.Secrets = append(out.Secrets, x.secrets...)
	var answer []byte
	if out.Answer != nil {
		// What the pipeline makes of the answer holds nothing of its body: it may
		// repeat the credentials, or hold the new token.
		answer = out.Answer.Body
		out.Answer = &retry.Answer{Status: out.Answer.Status, Header: out.Answer.Header}
		if out.Err == nil && out.Answer.Status < 300 {
			x.token, out.Err = parseToken(answer, time.Now())
		}
	}
	x.failed = x.next.Finish(req.Context(), call, out, began, func(e *callinsights.Error) { explain(e, answer) })
	if x.failed != nil {
		return nil, x.failed
	}
	return emptyToken(req), nil
}

// emptyToken satisfies the library, which need not know the token.
func emptyToken(req *http.Request) *http.Response {
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(strings.NewReader(`{"access_token":"-"}`)),
		Request:    req,
	}
}

// explain fills in what the body of a refusal says.
func explain(e *callinsights.Error, body []byte) {
	var word string
	e.Code, word = errorCode(body)
	if e.StatusCode == http.StatusBadRequest || e.StatusCode == http.StatusUnauthorized {
		e.Err = refusal(word)
	}
}

// refusal is the cause of a grant that was refused with that word of OAuth.
func refusal(word string) error {
	hint := "the credentials were refused; check the client id, the client secret and the JWT"
	switch word {
	case "invalid_client":
		hint = "the app was refused; check the client id and the client secret"
	case "invalid_grant":
		hint = "the JWT was refused; is it for this app and this environment, complete, and neither expired nor revoked?"
	case "unauthorized_client":
		hint = "the app may not use this grant; switch on JWT auth flow for it"
	}
	return fault.New(hint, callinsights.ErrUnauthorized)
}

// oauthErrors are the codes of RFC 6749, which are safe to show.
func oauthErrors() []string {
	return []string{
		"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client",
		"unsupported_grant_type", "invalid_scope", "access_denied", "server_error", "temporarily_unavailable",
	}
}

// errorCode returns the code of an error body, and the word that OAuth has for
// it, where they are known to be no echo of the request. The code is
// RingCentral's own if there is one, as it says more.
func errorCode(body []byte) (code, word string) {
	var doc struct {
		Error  string `json:"error"`
		Errors []struct {
			Code string `json:"errorCode"`
		} `json:"errors"`
	}
	if json.Unmarshal(body, &doc) != nil {
		return "", ""
	}
	if slices.Contains(oauthErrors(), doc.Error) {
		word = doc.Error
	}
	if len(doc.Errors) > 0 {
		number, isOAU := strings.CutPrefix(doc.Errors[0].Code, "OAU-")
		if _, err := strconv.ParseUint(number, 10, 16); isOAU && err == nil {
			return doc.Errors[0].Code, word
		}
	}
	return word, word
}

const byteOrderMark = "\ufeff"

// parseToken reads the answer of a token endpoint, at the start of which one
// byte order mark is no fault.
func parseToken(body []byte, now time.Time) (Token, error) {
	fields, err := members(bytes.TrimPrefix(body, []byte(byteOrderMark)))
	if err != nil {
		return Token{}, err
	}
	var value, tokenType string
	if json.Unmarshal(fields["access_token"], &value) != nil {
		return Token{}, errors.New("the answer holds no access token")
	}
	if raw := fields["token_type"]; raw != nil && json.Unmarshal(raw, &tokenType) != nil {
		return Token{}, errors.New("the token type is not a text")
	}
	if err := errors.Join(checkToken(value), checkType(tokenType)); err != nil {
		return Token{}, err
	}
	var scope string
	_ = json.Unmarshal(fields["scope"], &scope) // nothing is refused for the want of it
	return Token{Value: opaque.NewSecret(value), Expiry: now.Add(lifetime(fields["expires_in"])), Scope: scope}, nil
}

// members splits a JSON object. Its keys match exactly, and none of those that
// decide who the program is may be there twice.
func members(body []byte) (map[string]json.RawMessage, error) {
	if !json.Valid(body) {
		return nil, errors.New("the answer is not JSON")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if start, _ := d.Token(); start != json.Delim('{') {
		return nil, errors.New("the answer is not an object")
	}
	fields := map[string]json.RawMessage{}
	for d.More() {
		var value json.RawMessage
		key, _ := d.Token()
		_ = d.Decode(&value) // the document is valid
		switch name, _ := key.(string); name {
		case "access_token", "token_type", "expires_in":
			if fields[name] != nil {
				return nil, errors.New("the answer holds " + name + " twice")
			}
			fields[name] = value
		case "scope":
			fields[name] = value
		}
	}
	return fields, nil
}

// lifetime reads expires_in, a number or a text that holds one; what means
// nothing is an hour.
func lifetime(raw json.RawMessage) time.Duration {
	seconds, err := strconv.ParseFloat(strings.Trim(string(raw), `"`), 64)
	if err != nil || math.IsNaN(seconds) || seconds <= 0 {
		return defaultLifetime
	}
	const year = 365 * 24 * 60 * 60
	return time.Duration(min(max(seconds, 1), year) * float64(time.Second))
}
