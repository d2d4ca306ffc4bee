// Package field names what sessions of Vonage AI Studio can be searched by, in
// a way that only sound questions compile.
//
// A clause goes into the Where, Not and Any of a filter, an order into the SortBy
// of a query, and any field into its Fields:
//
//	field.AgentInformationID.Is("1234567")       // a Clause
//	field.TranscriptionClient.Matches("refund")  // a Clause
//	field.ChannelDataDuration.Desc()             // an Order
//
// Each field has the Go type of its kind, and the kind has the methods that
// make sense for it:
//
//	kind     exact match   full text          sort
//	String   Is(string)                       Asc, Desc
//	Number   Is(int64)                        Asc, Desc
//	Bool     Is(bool)
//	Time     Is(time.Time)                    Asc, Desc
//	Text                   Matches(string)
//	Object
//
// An exact match gives no hits on a text, a full-text match none on anything
// else, and neither is an error for the service: that is why the types are kept
// apart.
//
// The constants are the fields of
// studio.docs.ai.vonage.com/api-integration/vai-integration-guide whose kind is
// certain, called as on that page, in Go spelling. Another one can be named all
// the same, and has the rules of the kind that it is given:
//
//	field.String("params_list.value_text").Is("blue")
//
// [Parameter] and [Tag] name the fields of an account's own making, and [Raw] takes a
// clause as the search engine has it.
//
// # Lists of objects
//
// Fields such as params_list.name and params_list.value belong to lists of
// objects, which the engine flattens: two clauses, one on the name and one on
// the value, may be met by two different parameters. To ask for "parameter a is
// b" use [Parameter].
package field
