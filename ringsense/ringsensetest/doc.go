// Package ringsensetest is a fake of the RingCentral service for tests: tokens,
// insights, the call log, permissions, and subscriptions with their events, with
// the error answers of the real ones. It keeps what a test adds, and answers from
// that.
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
//	web := httptest.NewServer(server)
//	auth := ringsense.JWT(ringsensetest.ClientID, ringsensetest.ClientSecret, ringsensetest.UserJWT)
//	client, err := ringsense.NewClient(auth, ringsense.WithBaseURL(web.URL))
//
// # What does what
//
//   - what there is: [Server.Add], [Server.AddJSON], [Server.AddCall],
//     [Server.AddCallJSON]; some time after the call: [Server.SetReadyAfter]
//   - what goes wrong: [Server.Fail]; a right or a scope that is missing:
//     [Server.SetPermission], [Server.SetScope] and the like; tokens that end:
//     [Server.ExpireTokens]; limits: [Server.SetRateLimits]
//   - events to a handler of yours, once it is subscribed: [Server.SetReceiver],
//     [EventPayload], [Server.Deliver]; twice, out of order, no more: [Server.SetDeliveryRules],
//     [Server.Blacklist]
//   - what your program asked for: [Server.Requests], [Server.Subscriptions]
//
// # What it enforces
//
//   - POST /restapi/oauth/token takes the app's id and secret by basic
//     authentication and, as a form, the JWT bearer grant with its assertion
//     (developers.ringcentral.com/guide/authentication/jwt-flow). Tokens expire;
//     see [Server.SetTokenLifetime] and [Server.ExpireTokens].
//   - POST /restapi/oauth/revoke, with the same authentication and the form field
//     token, ends that token (developers.ringcentral.com/guide/authentication).
//   - GET /ai/ringsense/v1/public/accounts/{account}/domains/{domain}/records/{id}/insights
//     and .../sessions/{id}/insights answer with what was added under that
//     domain and id (developers.ringcentral.com/guide/ai/ace). The account is ~
//     or [AccountID]. insightTypes, repeated, leaves the other kinds out.
//   - GET /restapi/v1.0/account/{account}/call-log and .../extension/{id}/call-log
//     answer with the calls that were added, filtered and in pages, each with its
//     navigation (developers.ringcentral.com/guide/voice/call-log/api, and the
//     vendor's API description); a user who may not read the account's with 403
//     CMN-408, and a wrong parameter with 400 CMN-101
//     (developers.ringcentral.com/guide/basics/errors). The newest call comes
//     first: not documented, seen in the field. The filters metadataCategory,
//     showDeleted, showBlocked and transport are ignored.
//   - A request without a bearer token is answered with 401 AGW-402; without the
//     app scope RingSense, or ReadCallLog for the call log, with 403 CMN-401; and
//     the call log of an extension that is neither the user's nor part of a call
//     with 404 CMN-102
//     (developers.ringcentral.com/guide/basics/errors).
//   - An unknown or expired token is answered with 401 OAU-213 or OAU-210, a user
//     without permission with 403 RAH-3005, an id without insights with 404
//     RAH-3001, and a path that the gateway does not know with 404 AGW-404, as is
//     an account written %7E: not documented, seen in the field.
//   - GET /restapi/v1.0/account/{account}/extension/{extension}/authz-profile/check
//     answers whether the user has a permission, by 200 with successful true or
//     false (developers.ringcentral.com/api-reference). [Server.SetPermission]
//     and [Server.SetCompanyCallLog] decide of theirs; he has the others.
//     [Server.SetPermissionScopes] says for whom.
//   - Insights are there at once, or in the steps that [Server.SetReadyAfter]
//     sets: not documented, seen in the field.
//   - With [Server.SetRateLimits], requests are limited by group, with headers
//     and a penalty (developers.ringcentral.com/guide/basics/rate-limits).
//   - /restapi/v1.0/subscription makes, lists, renews, changes and ends
//     subscriptions to webhooks, 30 at a time, which end after a week unless the
//     request says otherwise (the vendor's API description). Before one is made
//     its address gets an empty POST, and must answer it within 3 seconds with
//     200, the Validation-Token, Content-Type application/json and at most 1,024
//     bytes (developers.ringcentral.com/guide/notifications/webhooks/creating-webhooks):
//     in memory with [Server.SetReceiver], over a network with
//     [Server.SetDelivery]. Without either, no address is asked.
//   - An unknown event filter is answered with 400 SUB-508, an address without
//     TLS with SUB-523, one whose certificate is wrong with SUB-524, one that does
//     not answer as it must with SUB-525, and a subscription that has ended with
//     404 SUB-507 (developers.ringcentral.com/guide/basics/errors).
//   - [Server.Deliver] sends events to the addresses of the subscriptions that
//     live (developers.ringcentral.com/guide/notifications/webhooks/receiving).
//     [Server.SetDeliveryRules] repeats and reorders them. [Server.Blacklist] and
//     [Server.DisableFilter] do what the service does at its own discretion.
//   - Every answer has an RCRequestId.
//
// [EventPayload] makes what the service sends to the address of a subscription,
// and [Server.AddAnswer] serves any other address.
//
// # Where it may differ
//
// It was written from the vendor's pages and from what users of the service
// reported, and was never compared with the service. These are guesses:
//
//   - the texts of all messages, the answer to another account (404 CMN-102) and
//     to a wrong method (404 AGW-404), and that the gateway looks at the path
//     before the token;
//   - that the permission and the scope take effect at once, where the service
//     wants a new token; that revoking a token that is not known succeeds, with an
//     empty body, and ends no other token of the same login;
//   - the paging of a session, which always holds everything; a type that
//     insightTypes names wrongly is the same as one that the recording lacks;
//   - of the call log: that both ends of a range count, and that a page beyond its
//     last one is empty;
//   - of rate limits: that a request of any answer counts, those of [Server.Fail]
//     too, and that all requests are of one user and one app. The groups have the
//     names that were seen in the field;
//   - of permissions: the role that gives one, and the answer to one that is not
//     known (400 CMN-101);
//   - of subscriptions: the status that goes with each code, but for 404 and 400
//     SUB-508; the answers to a wrong request (400 CMN-101), to one that is not
//     known (404 CMN-102) and to one too many (403 SUB-505);
//   - that filters come back with the account's id in them, that filters other
//     than those of insights are known by the beginning of their path, that http
//     addresses of this machine are taken, and that renewing and changing leaves a
//     blacklisted subscription blacklisted.
package ringsensetest
