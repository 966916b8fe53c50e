/* What the API says, as far as these screens read it. */

export interface Ref {
    id: string;
    name?: string;
}

export interface Page<T> {
    entities: T[];
    pageNumber: number;
    pageCount: number;
    total: number;
}

/* Cadran's form of every refusal. */
export interface ApiErrorBody {
    message: string;
    code: string;
    status: number;
    messageParams?: Record<string, string>;
}

export type Role = "administrator" | "supervisor" | "agent";

export interface Me {
    id: string;
    name: string;
    email: string;
    cadran?: { roles?: Role[]; language?: string };
}

export type CampaignStatus = "on" | "stopping" | "off" | "complete" | "invalid";
export type DialingMode =
    | "agentless"
    | "preview"
    | "power"
    | "predictive"
    | "progressive"
    | "external";

export interface Campaign {
    id: string;
    name: string;
    dialingMode: DialingMode;
    campaignStatus: CampaignStatus;
    contactList: Ref;
    queue?: Ref;
}

export interface CampaignProgress {
    numberOfContactsCalled: number;
    totalNumberOfContacts: number;
    numberOfContactsSkipped: Record<string, number>;
    percentage: number;
}

export type Health =
    | "off"
    | "dialing"
    | "building"
    | "waiting_for_agents"
    | "waiting_for_contacts"
    | "waiting_for_lines"
    | "outside_hours"
    | "store_unavailable";

export type AgentState =
    | "logged_out"
    | "not_ready"
    | "ready"
    | "reserved"
    | "on_call"
    | "wrapup"
    | "not_responding";

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

/* Topic cadran.campaigns.{id}.live, and GET /api/cadran/v1/campaigns/{id}/live. */
export interface CampaignLive {
    id: string;
    status: CampaignStatus;
    health: Health;
    calls: { offering: number; dialing: number; ringing: number; talking: number };
    attempts: number;
    contactsCalled: number;
    skipped: number;
    callsPerMinute: number;
    queue: { isBuilt: boolean; lookedAt: number; queued: number };
    agents: Partial<Record<AgentState, number>>;
    outcomes: Partial<Record<Outcome, number>>;
    skips: Record<string, number>;
    opensAt?: string;
    nextDue?: string;
}

/* Topic v2.users.{id}.agent; the list adds name and email. */
export interface Agent {
    id: string;
    name?: string;
    email?: string;
    state: AgentState;
    reason: string;
    isPhoneRegistered: boolean;
    isConnected: boolean;
    callsHandled: number;
    talkMs: number;
    callId?: string;
    campaignId?: string;
    since?: string;
    wrapupUntil?: string;
}

export interface Call {
    id: string;
    state: "offering" | "intent" | "dialing" | "ringing" | "talking" | "wrapup" | "ended";
    number: string;
    campaignId?: string;
    contactId?: string;
    agentId?: string;
    startedAt?: string;
    answeredAt?: string;
}

export interface ImportStatus {
    state: "IN_PROGRESS" | "COMPLETE" | "FAILED";
    totalRecords: number;
    completedRecords: number;
    percentComplete: number;
    failureReason?: string;
}

export interface ContactList {
    id: string;
    name: string;
    size: number;
    columnNames: string[];
    phoneColumns: { columnName: string; type: string }[];
    importStatus?: ImportStatus;
}

export interface Channel {
    id: string;
    connectUri: string;
    expires: string;
}
