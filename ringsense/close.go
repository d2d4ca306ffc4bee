package ringsense

import (
	"context"
	"net/http"

	"github.com/callinsights/callinsights-go/internal/auth"
	"github.com/callinsights/callinsights-go/internal/fault"
	"github.com/callinsights/callinsights-go/internal/transport"
)

const opClose = "Close"

// Close ends the login that the client made, by revoking its token, so that it
// does not count any longer among the few that the service lets live for a user
// and an app. It waits for a login that is under way. Without a login there is
// nothing to end, so Close may be called more than once; nor has it anything to
// end with [OAuth2], whose tokens belong to their source.
//
// Calls that are under way may lose their token, and then log in anew, as does
// a call that is made after Close.
//
// The error is one of the service or of ctx, an [*Error] like that of any call.
// The login then lives on until its token expires, within an hour as a rule, or
// until Close is called again with more success; a program that ends need not
// care. See developers.ringcentral.com/guide/authentication.
func (c *Client) Close(ctx context.Context) error {
	c = c.made()
	defer c.pipeline.CloseIdleConnections()
	if ctx == nil || c.login.tokens == nil { // as of a client that was not made
		return c.pipeline.Refuse(ctx, opClose, fault.Invalid("the context is nil"))
	}
	if c.login.revocation == nil {
		return nil
	}
	var answered error
	err := c.login.tokens.End(ctx, func(token auth.Token) error {
		answered = c.pipeline.Call(ctx, transport.Request{
			Op: opClose, Method: http.MethodPost, Path: []string{"restapi", "oauth", "revoke"}, Auth: c.login.revocation(token),
		}, nil)
		return answered
	})
	if err != nil && answered == nil {
		return &Error{Vendor: vendor, Op: opClose, Err: err} // ctx ended in the wait for a login
	}
	return err
}
