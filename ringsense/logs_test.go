package ringsense_test

import (
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// TestWhatIsLogged of each exported struct, by either handler: the fields that
// are named here, and no other text.
func TestWhatIsLogged(t *testing.T) {
	t.Parallel()
	auth := ringsense.JWT("id-secret", "key-secret", "jwt-secret")
	handler, err := ringsense.NewEventHandler(func(context.Context, *ringsense.Event) error { return nil },
		ringsense.WithVerificationToken("a-token-secret-of-the-test"))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		value any
		shown string // fields
	}{
		"Access":               {new(ringsense.Access), "Answer Kind Name"},
		"AccessCheck":          {new(ringsense.AccessCheck), "Answer Kind Name"},
		"Auth":                 {&auth, ""},
		"BlacklistedData":      {new(ringsense.BlacklistedData), ""},
		"CallBilling":          {new(ringsense.CallBilling), ""},
		"CallExtension":        {new(ringsense.CallExtension), "ID"},
		"CallLeg":              {new(ringsense.CallLeg), "TelephonySessionID"},
		"CallLogQuery":         {new(ringsense.CallLogQuery), "Direction ExtensionID ExtensionNumber RecordingType TelephonySessionID"},
		"CallLogRecording":     {new(ringsense.CallLogRecording), "ID Type"},
		"CallParty":            {new(ringsense.CallParty), "ExtensionID"},
		"CallRecord":           {new(ringsense.CallRecord), "ID TelephonySessionID"},
		"CallRecording":        {new(ringsense.CallRecording), "ID TelephonySessionID Type"},
		"CallTransfer":         {new(ringsense.CallTransfer), "TelephonySessionID"},
		"Client":               {ringsensetest.NewServer().Client(), ""},
		"DeliveryMode":         {new(ringsense.DeliveryMode), "TransportType"},
		"DisabledFilter":       {new(ringsense.DisabledFilter), "Filter Reason"},
		"DisabledFiltersError": {new(ringsense.DisabledFiltersError), "Filter Reason"},
		"EffectiveRole":        {new(ringsense.EffectiveRole), "ID"},
		"Event":                {new(ringsense.Event), "Domain Filter SourceRecordID SourceSessionID SubscriptionID UUID"},
		"EventHandler":         {handler, ""},
		"Insight":              {new(ringsense.Insight), "SpeakerID"},
		"Insights":             {new(ringsense.Insights), ""},
		"Paging":               {new(ringsense.Paging), ""},
		"Permission":           {new(ringsense.Permission), "ID"},
		"PermissionCheck":      {new(ringsense.PermissionCheck), "ID"},
		"PermissionDetails":    {new(ringsense.PermissionDetails), "ID Scopes"},
		"RecordingInsights":    {new(ringsense.RecordingInsights), "Domain SourceRecordID SourceSessionID"},
		"SessionInsights":      {new(ringsense.SessionInsights), ""},
		"Speaker":              {new(ringsense.Speaker), "ExtensionID SpeakerID"},
		"Subscription":         {new(ringsense.Subscription), "ID Status"},
		"SubscriptionChange":   {new(ringsense.SubscriptionChange), "Err ID Kind Status"},
		"SubscriptionRequest":  {new(ringsense.SubscriptionRequest), "Address EventFilters"},
		"Utterance":            {new(ringsense.Utterance), "SpeakerID"},
	}
	if diff := cmp.Diff(exportedStructs(t), slices.Sorted(maps.Keys(tests))); diff != "" {
		t.Errorf("exported structs (-want +tested):\n%s", diff)
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fillTexts(reflect.ValueOf(tt.value).Elem(), "")
			var log strings.Builder
			for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
				values := []any{tt.value}
				if _, isError := tt.value.(error); !isError { // of which there are pointers alone
					values = append(values, reflect.ValueOf(tt.value).Elem().Interface())
				}
				for _, value := range values {
					log.Reset()
					slog.New(handler).Info("x", slog.Any("value", value))
					var shown []string
					for _, found := range regexp.MustCompile(`(\w+)-secret`).FindAllStringSubmatch(log.String(), -1) {
						shown = append(shown, found[1])
					}
					slices.Sort(shown)
					if diff := cmp.Diff(strings.Fields(tt.shown), append([]string{}, slices.Compact(shown)...)); diff != "" {
						t.Errorf("%T by %T shows (-want +got):\n%s\n%s", value, handler, diff, &log)
					}
				}
			}
		})
	}
}

// exportedStructs are the names of those of package ringsense.
func exportedStructs(t *testing.T) (names []string) {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := file.Name(); !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(source, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if ok && spec.Name.IsExported() {
				if _, isStruct := spec.Type.(*ast.StructType); isStruct {
					names = append(names, spec.Name.Name)
				}
			}
			return !ok
		})
	}
	slices.Sort(names)
	return names
}

// fillTexts puts the name of its field into each text of v, as in "Name-secret".
// An address may hold a secret in its query.
func fillTexts(v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(name + "-secret")
		if name == "Address" {
			v.SetString("https://hooks.example.com/Address-secret?query-secret")
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillTexts(v.Elem(), name)
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes([]byte(`"` + name + `-secret"`))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillTexts(v.Index(0), name)
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]json.RawMessage{"more": json.RawMessage(`"` + name + `-secret"`)}))
	case reflect.Interface:
		v.Set(reflect.ValueOf(errors.New(name + "-secret")))
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				fillTexts(v.Field(i), field.Name)
			}
		}
	default: // numbers and the like
	}
}
