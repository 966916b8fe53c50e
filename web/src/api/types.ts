/* The words of the API for these screens: the shapes are generated from docs/openapi.yaml. There
 * everything that a server may leave out is optional; here is said what it always sends, and where
 * the description has plain text, which words it may be. */
import type { components } from "../generated/api";

type Schemas = components["schemas"];

/* T, of which K is always there. */
type Given<T, K extends keyof T> = T & { [P in K]-?: NonNullable<T[P]> };

export type ApiErrorBody = Given<Schemas["Error"], "message" | "code" | "status">;

export type Page<T> = Omit<Given<Schemas["Listing"], "pageCount">, "entities"> & {
    entities: T[];
};

export type Me = Given<Schemas["User"], "id" | "name" | "email">;
export type Role = NonNullable<NonNullable<Me["cadran"]>["roles"]>[number];

export type Campaign = Given<Schemas["Campaign"], "id" | "campaignStatus">;
export type CampaignStatus = Campaign["campaignStatus"];
export type CampaignProgress = Given<
    Schemas["CampaignProgress"],
    "numberOfContactsCalled" | "totalNumberOfContacts"
>;

export type Health =
    | "off"
    | "dialing"
    | "building"
    | "waiting_for_agents"
    | "waiting_for_contacts"
    | "waiting_for_lines"
    | "list_stopped"
    | "outside_hours"
    | "store_unavailable";

export type AgentState = NonNullable<Schemas["Agent"]["state"]>;

export type Outcome =
    | "person"
    | "machine"
    | "fax"
    | "busy"
    | "no_answer"
    | "rejected"
    | "sit_callable"
    | "sit_uncallable"
    | "abandoned"
    | "agent_lost"
    | "cancelled"
    | "failed"
    | "lost";

type Live = Schemas["CampaignLive"];

/* Topic cadran.campaigns.{id}.live, and GET /api/cadran/v1/campaigns/{id}/live. */
export type CampaignLive = Omit<
    Given<Live, "id" | "attempts" | "contactsCalled" | "skipped" | "callsPerMinute">,
    "status" | "health" | "agents" | "outcomes" | "calls" | "queue"
> & {
    status: CampaignStatus;
    health: Health;
    agents: Partial<Record<AgentState, number>>;
    outcomes: Partial<Record<Outcome, number>>;
    calls: Required<NonNullable<Live["calls"]>>;
    queue: Required<NonNullable<Live["queue"]>>;
};

/* Topic v2.users.{id}.agent; the list adds name and email. */
export type Agent = Given<
    Schemas["Agent"],
    "id" | "state" | "reason" | "isPhoneRegistered" | "callsHandled" | "talkMs"
>;

export type Call = Omit<Given<Schemas["Call"], "id" | "number">, "state"> & {
    state: "offering" | "intent" | "dialing" | "ringing" | "talking" | "wrapup" | "ended";
};

export type ImportStatus = Given<
    Schemas["ImportStatus"],
    "state" | "totalRecords" | "completedRecords"
>;
export type ContactList = Omit<
    Given<Schemas["ContactList"], "id" | "name" | "size" | "columnNames">,
    "phoneColumns" | "importStatus"
> & {
    phoneColumns: { columnName: string }[];
    importStatus?: ImportStatus;
};

export type Channel = Given<Schemas["Channel"], "id" | "connectUri">;
