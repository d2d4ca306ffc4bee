package ringsensetest

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const jwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// SetTokenLifetime sets how long tokens live from now on, one hour at first.
// Tokens already handed out keep theirs.
func (s *Server) SetTokenLifetime(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lifetime = d
}

// ExpireTokens makes the fake refuse all tokens handed out so far, as happens
// when they are revoked or pushed out by other logins.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token := range s.tokens {
		s.tokens[token] = time.Time{}
	}
}

// IssueToken returns a new access token, for tests of programs that log in by
// [ringsense.OAuth2] with a source of their own.
func (s *Server) IssueToken() string {
	token, _ := s.issue()
	return token
}

func (s *Server) issue() (token string, lifetime time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.issued++
	token = "fake-access-token-" + strconv.Itoa(s.issued)
	s.tokens[token] = time.Now().Add(s.lifetime)
	return token, s.lifetime
}

// serveToken grants a token as developers.ringcentral.com/guide/authentication/jwt-flow
// describes: basic authentication of the app, and the assertion in a form.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	if refused := appRefusal(r); refused != nil {
		refused.write(w)
		return
	}
	if r.PostFormValue("grant_type") != jwtGrant {
		oauthError("unsupported_grant_type", "OAU-112", "The grant is not allowed").write(w)
		return
	}
	switch r.PostFormValue("assertion") {
	case "":
		oauthError("invalid_request", "OAU-149", "The assertion is missing").write(w)
		return
	case UserJWT:
	default:
		oauthError("invalid_grant", "OAU-129", "The assertion is not valid").write(w)
		return
	}
	token, lifetime := s.issue()
	writeJSON(w, http.StatusOK, map[string]any{
		"access_token": token,
		"token_type":   "bearer",
		"expires_in":   int64(lifetime / time.Second),
		"scope":        s.scopes(),
		"owner_id":     ExtensionID,
		"endpoint_id":  "fake-endpoint",
		"session_id":   "fake-session",
	})
}

// appRefusal returns why a request to an OAuth endpoint is refused before its
// form is read, nil if it is not.
func appRefusal(r *http.Request) *errorAnswer {
	id, secret, ok := r.BasicAuth()
	if !ok || id != ClientID || secret != ClientSecret {
		return oauthError("invalid_client", "OAU-146", "Unknown app")
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return oauthError("invalid_request", "OAU-149", "The body is not a form")
	}
	return nil
}

// serveRevoke ends a token, and has no complaint about one that it does not know
// (developers.ringcentral.com/guide/authentication, and RFC 7009).
func (s *Server) serveRevoke(w http.ResponseWriter, r *http.Request) {
	if refused := appRefusal(r); refused != nil {
		refused.write(w)
		return
	}
	token := r.PostFormValue("token")
	if token == "" {
		oauthError("invalid_request", "OAU-149", "The token is missing").write(w)
		return
	}
	s.forget(token)
	w.WriteHeader(http.StatusOK)
}

func (s *Server) forget(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tokens, token)
}

func (s *Server) scopes() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	scopes := "ReadAccounts"
	if !s.callLog.noScope {
		scopes += " ReadCallLog"
	}
	if !s.subscriptions.noScope {
		scopes += " SubscriptionWebhook"
	}
	if !s.noScope {
		scopes += " RingSense"
	}
	return scopes
}

// refusal returns why a request for insights is refused, nil if it is not.
func (s *Server) refusal(r *http.Request) *errorAnswer {
	if refused := s.tokenRefusal(r); refused != nil {
		return refused
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.noScope:
		return noScope("RingSense")
	case s.noPermission:
		return noPermission()
	}
	return nil
}

// tokenRefusal returns why the login of a request is refused, nil if it is not.
func (s *Server) tokenRefusal(r *http.Request) *errorAnswer {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") || token == "" {
		return noBearer()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	expiry, known := s.tokens[token]
	switch {
	case !known:
		return badToken("OAU-213", "Token not found")
	case !time.Now().Before(expiry):
		return badToken("OAU-210", "Token expired")
	}
	return nil
}
