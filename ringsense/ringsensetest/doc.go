// Package ringsensetest is a fake of the RingCentral service for tests: a token
// endpoint and the two addresses of insights, with the error answers of the real
// ones. It keeps what a test adds, and answers from that.
//
//	server := ringsensetest.NewServer()
//	err := server.AddJSON(document) // or server.Add(record)
//	client := server.Client()       // talks to it in memory, also inside testing/synctest
//	insights, err := client.RecordingInsights(ctx, "2000000000001")
//
// [Server] is an [net/http.Handler]: programs in other languages, or with a
// client of their own making, reach it through [net/http/httptest.NewServer] and
// log in with [ClientID], [ClientSecret] and [UserJWT]. It may stand under a
// path, behind [net/http.StripPrefix].
//
// # What it enforces
//
//   - POST /restapi/oauth/token takes the app's id and secret by basic
//     authentication and, as a form, the JWT bearer grant with its assertion
//     (developers.ringcentral.com/guide/authentication/jwt-flow). Tokens expire;
//     see [Server.SetTokenLifetime] and [Server.ExpireTokens].
//   - GET /ai/ringsense/v1/public/accounts/{account}/domains/{domain}/records/{id}/insights
//     and .../sessions/{id}/insights answer with what was added under that
//     domain and id (developers.ringcentral.com/guide/ai/ace). The account is ~
//     or [AccountID]. insightTypes, repeated, leaves the other kinds out.
//   - A request without a bearer token is answered with 401 AGW-402; without the
//     app scope RingSense with 403 CMN-401
//     (developers.ringcentral.com/guide/basics/errors).
//   - An unknown or expired token is answered with 401 OAU-213 or OAU-210, a user
//     without permission with 403 RAH-3005, an id without insights with 404
//     RAH-3001, and a path that the gateway does not know with 404 AGW-404, as is
//     an account written %7E: not documented, seen in the field.
//   - Every answer has an RCRequestId.
//
// # Where it may differ
//
// It was written from the vendor's pages and from what users of the service
// reported, and was never compared with the service. These are guesses: the
// texts of all messages; the answer to another account (404 CMN-102) and to a
// wrong method (404 AGW-404); that the gateway looks at the path before the
// token; the paging of a session, which always holds everything; and that the
// permission and the scope take effect at once, where the service wants a new
// token. A type that insightTypes names wrongly is the same as one that the
// recording lacks. Rate limits are not enforced; [Server.Fail] plays one.
package ringsensetest
