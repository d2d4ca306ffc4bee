package ringsensetest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callinsights/callinsights-go/ringsense"
	"github.com/callinsights/callinsights-go/ringsense/ringsensetest"
)

// TestAddressesInAnswers: they are on the host that was asked, so that a program
// may follow them.
func TestAddressesInAnswers(t *testing.T) {
	t.Parallel()
	server := ringsensetest.NewServer()
	plain, secure := httptest.NewServer(server), httptest.NewTLSServer(server)
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	for name, web := range map[string]*httptest.Server{"http": plain, "https": secure} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			get := func(address string) (answer ringsense.PermissionCheck) { // the others have a uri too
				t.Helper()
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Authorization", "Bearer "+server.IssueToken())
				resp, err := web.Client().Do(req)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
					t.Fatalf("%s: %v", resp.Status, err)
				}
				return answer
			}
			made, err := clientOf(t, web).Subscribe(t.Context(), ringsense.SubscriptionRequest{
				EventFilters: []string{pbxFilter}, Address: "https://hooks.example.com/a", VerificationToken: ringsense.NewVerificationToken(),
			})
			if err != nil {
				t.Fatal(err)
			}
			check := get(web.URL + "/restapi/v1.0/account/~/extension/~/authz-profile/check?permissionId=ReadCallLog")
			const account = "/restapi/v1.0/account/" + ringsensetest.AccountID
			got := []string{
				made.URI, get(made.URI).URI, get(web.URL + subscriptionPath).URI,
				check.URI, check.Details.Permission.URI, check.Details.EffectiveRole.URI,
			}
			want := []string{
				web.URL + subscriptionPath + "/" + made.ID, made.URI, web.URL + subscriptionPath,
				web.URL + account + "/extension/" + ringsensetest.ExtensionID + "/authz-profile/check?permissionId=ReadCallLog",
				web.URL + "/restapi/v1.0/dictionary/permission/ReadCallLog", web.URL + account + "/user-role/1",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func clientOf(t *testing.T, web *httptest.Server) *ringsense.Client {
	t.Helper()
	c, err := ringsense.NewClient(
		ringsense.JWT(ringsensetest.ClientID, ringsensetest.ClientSecret, ringsensetest.UserJWT),
		ringsense.WithBaseURL(web.URL), ringsense.WithHTTPClient(web.Client()))
	if err != nil {
		t.Fatal(err)
	}
	return c
}
