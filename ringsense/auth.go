package ringsense

import (
	"os"
	"strings"

	"golang.org/x/oauth2"

	"github.com/callinsights/callinsights-go/internal/auth"
	"github.com/callinsights/callinsights-go/internal/fault"
)

// The variables that [JWTFromEnv] reads.
const (
	envClientID     = "RC_APP_CLIENT_ID"
	envClientSecret = "RC_APP_CLIENT_SECRET" //nolint:gosec // the name of a variable
	envAssertion    = "RC_USER_JWT"
)

// Auth is how a client logs in: made by [JWT], [JWTFromEnv] or [OAuth2], and
// checked by [NewClient]. It shows nothing of what it holds, however it is
// printed, logged or encoded. Its zero value is refused.
type Auth struct {
	// A closure, because nothing that prints values can look into one.
	login func() (*login, error)
}

// login is that of one client.
type login struct {
	tokens *auth.Tokens
	// revocation ends the session of a token; nil where the tokens are not the
	// client's own.
	revocation func(auth.Token) auth.Authorizer
}

func (l *login) authorizer() auth.Authorizer { return auth.Bearer(l.tokens) }

// JWT logs in as the user of a JWT credential: assertion is the ready-made token that
// the developer console shows once, clientID and clientSecret are those of the app;
// white space around them, such as the newline of the file that they were read from, is
// taken off. The client presents it for an access token when one is needed, and again
// before that one expires. See
// developers.ringcentral.com/guide/authentication/jwt-flow.
func JWT(clientID, clientSecret, assertion string) Auth {
	return Auth{func() (*login, error) {
		id, err := auth.Credential("client id", clientID)
		if err != nil {
			return nil, err
		}
		secret, err := auth.Credential("client secret", clientSecret)
		if err != nil {
			return nil, err
		}
		token, err := auth.Credential("JWT", assertion)
		if err != nil {
			return nil, err
		}
		jwt := auth.JWT{
			ClientID:     id.Reveal(),
			ClientSecret: secret,
			Assertion:    token,
			Path:         []string{"restapi", "oauth", "token"},
		}
		return &login{auth.NewTokens(jwt.Source(), jwt.Secrets()...), jwt.Revocation}, nil
	}}
}

// JWTFromEnv is [JWT] with the values of the environment variables
// RC_APP_CLIENT_ID, RC_APP_CLIENT_SECRET and RC_USER_JWT. Its error matches
// [ErrInvalidRequest] and names those that are not set, or blank.
func JWTFromEnv() (Auth, error) {
	var missing []string
	get := func(name string) string {
		value := os.Getenv(name)
		if strings.TrimSpace(value) == "" {
			missing = append(missing, name)
		}
		return value
	}
	a := JWT(get(envClientID), get(envClientSecret), get(envAssertion))
	if len(missing) > 0 {
		return Auth{}, fault.Invalid("ringsense: JWTFromEnv: not set in the environment: %s", strings.Join(missing, ", "))
	}
	return a, nil
}

// OAuth2 logs in with the tokens of src, for programs with a flow of their own
// such as the authorisation code flow. The client asks src for a token when it
// has none that is valid, and once more after a 401; if that gives the refused
// token again, the call fails with [ErrUnauthorized]. However many calls wait
// for a token, src is asked once.
func OAuth2(src oauth2.TokenSource) Auth {
	return Auth{func() (*login, error) {
		if src == nil {
			return nil, fault.Invalid("OAuth2: the token source is nil")
		}
		return &login{tokens: auth.NewTokens(auth.OAuth2(src))}, nil
	}}
}

// begin checks the credentials. It sends nothing.
func (a Auth) begin() (*login, error) {
	if a.login == nil {
		return nil, fault.Invalid("the Auth is empty; make one with JWT, JWTFromEnv or OAuth2")
	}
	return a.login()
}
