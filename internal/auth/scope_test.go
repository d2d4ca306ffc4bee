package auth_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/callinsights/callinsights-go/internal/auth"
	"github.com/callinsights/callinsights-go/internal/retry"
)

// Whatever an endpoint says of scopes, the token is good.
func TestScopes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body string
		want []string
	}{
		"as documented":  {`{"access_token":"abc","scope":"A  B"}`, []string{"A", "B"}},
		"twice":          {`{"access_token":"abc","scope":"A","scope":"B"}`, []string{"B"}},
		"none":           {`{"access_token":"abc"}`, nil},
		"empty":          {`{"access_token":"abc","scope":""}`, nil},
		"null":           {`{"access_token":"abc","scope":null}`, nil},
		"a list":         {`{"access_token":"abc","scope":["A"]}`, nil},
		"another's case": {`{"access_token":"abc","Scope":"A"}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService()
			s.token = func(int) (*retry.Answer, error) { return body(200, tt.body), nil }
			tokens := auth.NewTokens(newCredentials().source())
			if got := tokens.Scopes(); got != nil {
				t.Errorf("got %v before there was a token", got)
			}
			if _, err := tokens.Get(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, tokens.Scopes()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestScopesOfASource(t *testing.T) {
	t.Parallel()
	token := (&oauth2.Token{AccessToken: "abc"}).WithExtra(map[string]any{"scope": "A B"})
	tokens := auth.NewTokens(auth.OAuth2(oauth2.StaticTokenSource(token)))
	if _, err := tokens.Get(t.Context(), newService()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"A", "B"}, tokens.Scopes()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
