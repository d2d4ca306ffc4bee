// Package vonageinsightstest is a fake of the Insights service of Vonage AI
// Studio for tests. It keeps the sessions that a test adds and really searches
// them: filters, dates, sorting, projection and pages.
//
//	server := vonageinsightstest.NewServer()
//	err := server.AddJSON(document) // or server.Add(session)
//	client := server.Client()       // talks to it in memory, also inside testing/synctest
//	session, err := client.FindSession(ctx, "6d0c1f5e-0001")
//
// [Server] is an [net/http.Handler]: programs in other languages, or with a
// client of their own making, reach it through [net/http/httptest.NewServer] and
// send [APIKey] in the header X-Vgai-Key. It may stand under a path, behind
// [net/http.StripPrefix].
//
//	web := httptest.NewServer(server)
//	client, err := vonageinsights.NewClient(vonageinsightstest.APIKey, vonageinsights.EU,
//		vonageinsights.WithBaseURL(web.URL))
//
// It reads documents with encoding/json, so that it does not share the mistakes of
// the package that it helps to test.
//
// # What does what
//
//   - what there is: [Server.Add], [Server.AddJSON], [Server.AddRecording]; later:
//     [Server.AddAfter]; no more: [Server.Remove]
//   - what goes wrong, is late or breaks off: [Server.Fail]
//   - what the service may do one way or the other: [Server.SetResultWindow],
//     [Server.SetMaxPageSize], [Server.SetPrecision], [Server.SetExclusiveEnds],
//     [Server.AnswerParameters]
//   - what your program asked for: [Server.Requests]
//
// # What it enforces
//
// Unless another source is named, these rules are those of
// studio.docs.ai.vonage.com/api-integration/vai-integration-guide.
//
//   - Every request has the key, or else the answer is 401.
//   - GET /insights/sessions searches. from_date and to_date are times without a
//     zone or dates, at most 60 days apart; a date as to_date is the whole day.
//   - filter_by is a JSON object with the lists must, must_not and should. All
//     of must have to match, none of must_not, and one of should where there is
//     any, also beside must. The members of a list of objects are looked at
//     together, as in the page's example of three tags: two clauses may match on
//     different ones.
//   - term compares exactly and match by words. A match on one of the fields that
//     the page calls ID fields finds nothing. transcription.client is what the
//     caller said, whose key is user in the documents.
//   - sort_by is a comma-separated list of field:asc or field:desc, and
//     project_fields a JSON list of fields. A field that is an object asks for
//     all of it.
//   - page_number starts from 0. It and page_size come back as strings, as they
//     were sent.
//   - Curly braces that are not percent-encoded make the result empty.
//   - Invalid parameters are answered with 401.
//   - GET /insights/sessions/{id}/parameters answers with one session, and
//     DELETE /insights/sessions/{id} deletes it. session_start_time need not be
//     more precise than the day of the session, in UTC; another day is answered
//     with 404, as is an unknown id.
//   - GET /insights/sessions/search/{id} finds a session without its date.
//
// Not documented, but relied upon by public code: the recording of a session is null
// until it is ready, and may then be a URL with a token, a JWT, instead of the path
// that the page shows; the path of a session works without
// /parameters and without session_start_time too; the answer to a session is the
// document itself, without an envelope; names of parameters may hold dots.
//
// # Where it may differ
//
// It was written from the vendor's page and from what users of the service
// reported, and was never compared with the service. These are guesses, most of
// them from the search engine that the page names, Elasticsearch:
//
//   - Times are in UTC, kept to the microsecond ([Server.SetPrecision]), and times
//     with a zone are refused. Both ends of a range are included
//     ([Server.SetExclusiveEnds]), exactly 60 days are not too many, and a range
//     without ends is refused. What is searched for is session_start_time.
//   - A page that reaches beyond the first 10,000 results is refused, and total
//     stops counting there ([Server.SetResultWindow]).
//   - A session is found as soon as it is added ([Server.AddAfter]).
//   - A string never equals a number, where the engine converts one into the
//     other; source and destination are strings even if a document has numbers.
//     Times are compared as times, and a date stands for its whole day.
//   - A term on the transcription finds nothing. A match is for one word in common,
//     as words are joined by OR, without regard to case; whatever is no letter, mark,
//     digit or emoji separates words. It works on every text that is no ID field. A
//     clause on a field that no document has finds nothing and rules nothing out.
//   - parameters.<name> is looked up in params, parameters and params_list, in
//     that order, and tags.<name> below each category of tags, then in tags_list.
//   - Clauses and keys that the page does not describe are refused. So is
//     sorting by an object, by the transcription, or by a field that is neither
//     on the page nor in a document. A document without the field comes last. Of
//     several values the smallest counts, descending the largest. Otherwise
//     sessions come in the order in which they were added.
//   - A page has 10 sessions unless page_size is given, which is at least 1 and
//     has no maximum of its own ([Server.SetMaxPageSize]).
//   - Deleting is answered with 204, and refused without session_start_time.
//   - Bodies of errors are {"statusCode":...,"message":...}, and all their texts.
//     A path that the service does not have is answered with 404.
//   - Recordings are below /recordings. One that needs a token is refused with 401
//     without it, and each is refused with 400 where something secret comes along:
//     no host of recordings would say so, but a test ought to.
//
// Rate limits are not enforced; [Server.Fail] plays one, and answers that are late,
// stall or break off. [Server.Add] and [Server.Remove] may be called while a
// program pages: a page that is being sent stays as it is.
//
// A search by session_start_time, whatever comes next in sort_by, costs about as
// much with 200,000 sessions as with 200. A filter or another order reads each
// session of the range, the first time more slowly, and remembers its fields.
package vonageinsightstest
