package auth

import "strings"

// Scopes are those of the current token, nil where nothing is said of them, or
// where there is no token.
func (t *Tokens) Scopes() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token.Scope == "" {
		return nil
	}
	return strings.Fields(t.token.Scope)
}
