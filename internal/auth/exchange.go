package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	"github.com/callinsights/callinsights-go/internal/opaque"
	"github.com/callinsights/callinsights-go/internal/retry"
)

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
		x := &exchange{next: next}
		ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: x})
		if _, err := config.Token(ctx); err != nil {
			return Token{}, x.failed // without the library's text around it
		}
		return x.token, nil
	}
}

// exchange takes the request that the library has made through the pipeline,
// and reads the answer more strictly and more kindly than the library does.
type exchange struct {
	next   Sender
	token  Token
	failed error
}

func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(req.Body) // from memory
	header := x.next.Header()
	maps.Copy(header, req.Header)
	out := x.next.Send(req.Context(), retry.Call{
		Op: "Token", Row: retry.TokenRequest, Timeout: tokenTimeout,
		Method: req.Method, URL: req.URL, Header: header, Body: body,
	})
	if out.Err == nil && out.Answer.Status < 300 {
		if x.token, out.Err = parseToken(out.Answer.Body, time.Now()); out.Err == nil {
			return emptyToken(req), nil
		}
	}
	x.failed = x.failure(req, out)
	return nil, x.failed
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

func (x *exchange) failure(req *http.Request, out retry.Outcome) *callinsights.Error {
	e := callinsights.Error{
		Vendor: x.next.Vendor(), Op: "Token",
		Method: req.Method, Path: req.URL.EscapedPath(),
		Attempts: out.Attempts, RetryAfter: out.RetryAfter, Err: out.Err,
	}
	if out.Answer != nil {
		e.StatusCode = out.Answer.Status
		e.RequestID = x.next.RequestID(out.Answer.Header)
		e.Code = errorCode(out.Answer.Body)
		if e.StatusCode == http.StatusBadRequest || e.StatusCode == http.StatusUnauthorized {
			e.Err = refusal(e.Code)
		}
	}
	return &e
}

// refusal is the cause of a refused grant.
func refusal(code string) error {
	hint := "the credentials were refused; check the client id, the client secret and the JWT"
	switch code {
	case "invalid_client":
		hint = "the app was refused; check the client id and the client secret"
	case "invalid_grant":
		hint = "the JWT was refused; is it for this app and this environment, complete, and neither expired nor revoked?"
	case "unauthorized_client":
		hint = "the app may not use this grant; switch on JWT auth flow for it"
	}
	return fmt.Errorf("%s%.0w", hint, callinsights.ErrUnauthorized)
}

// oauthErrors are the codes of RFC 6749, which are safe to show.
func oauthErrors() []string {
	return []string{
		"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client",
		"unsupported_grant_type", "invalid_scope", "access_denied", "server_error", "temporarily_unavailable",
	}
}

// errorCode returns the code of an error body if it is one of those known to
// be no echo of the request: RingCentral's own first, as it says more.
func errorCode(body []byte) string {
	var doc struct {
		Error  string `json:"error"`
		Errors []struct {
			Code string `json:"errorCode"`
		} `json:"errors"`
	}
	if json.Unmarshal(body, &doc) != nil {
		return ""
	}
	if len(doc.Errors) > 0 {
		code := doc.Errors[0].Code
		number, isOAU := strings.CutPrefix(code, "OAU-")
		if _, err := strconv.ParseUint(number, 10, 16); isOAU && err == nil {
			return code
		}
	}
	if slices.Contains(oauthErrors(), doc.Error) {
		return doc.Error
	}
	return ""
}

// parseToken reads the answer of a token endpoint.
func parseToken(body []byte, now time.Time) (Token, error) {
	fields, err := members(body)
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
	return Token{Value: opaque.NewSecret(value), Expiry: now.Add(lifetime(fields["expires_in"]))}, nil
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
