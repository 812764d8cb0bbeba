// Not compiled here: written from the documentation of AL and of the base application.
page 50111 "Tandem Opportunities"
{
    PageType = API;
    APIPublisher = 'tandem';
    APIGroup = 'companion';
    APIVersion = 'v1.0';
    EntityName = 'opportunity';
    EntitySetName = 'opportunities';
    SourceTable = Opportunity;
    ODataKeyFields = SystemId;
    DelayedInsert = true;
    Extensible = false;

    layout
    {
        area(Content)
        {
            repeater(records)
            {
                field(id; Rec.SystemId) { Caption = 'Id'; Editable = false; }
                field(number; Rec."No.") { Caption = 'No.'; }
                field(description; Rec.Description) { Caption = 'Description'; }
                field(status; Rec.Status) { Caption = 'Status'; Editable = false; }
                field(estimatedValue; estimatedValue) { Caption = 'Estimated Value (LCY)'; Editable = false; }
                field(estimatedClosingDate; estimatedClosingDate) { Caption = 'Estimated Closing Date'; Editable = false; }
                field(customerId; customerId) { Caption = 'Customer Id'; Editable = false; }
                field(contactId; contactId)
                {
                    Caption = 'Contact Id';

                    trigger OnValidate()
                    begin
                        if IsNullGuid(contactId) then
                            Rec.Validate("Contact No.", '')
                        else begin
                            ContactIdRecord.GetBySystemId(contactId);
                            Rec.Validate("Contact No.", ContactIdRecord."No.");
                        end;
                    end;
                }
                field(salespersonId; salespersonId)
                {
                    Caption = 'Salesperson Id';

                    trigger OnValidate()
                    begin
                        if IsNullGuid(salespersonId) then
                            Rec.Validate("Salesperson Code", '')
                        else begin
                            SalespersonIdRecord.GetBySystemId(salespersonId);
                            Rec.Validate("Salesperson Code", SalespersonIdRecord.Code);
                        end;
                    end;
                }
                field(lastModifiedDateTime; Rec.SystemModifiedAt) { Caption = 'Last Modified'; Editable = false; }
            }
        }
    }

    trigger OnAfterGetRecord()
    begin
        Clear(contactId);
        if Rec."Contact No." <> '' then
            if ContactIdRecord.Get(Rec."Contact No.") then
                contactId := ContactIdRecord.SystemId;
        Clear(salespersonId);
        if Rec."Salesperson Code" <> '' then
            if SalespersonIdRecord.Get(Rec."Salesperson Code") then
                salespersonId := SalespersonIdRecord.SystemId;
        // The customer of the company that the contact works for.
        Clear(customerId);
        ContactBusinessRelation.SetRange("Contact No.", Rec."Contact Company No.");
        ContactBusinessRelation.SetRange("Link to Table", ContactBusinessRelation."Link to Table"::Customer);
        if ContactBusinessRelation.FindFirst() then
            if Customer.Get(ContactBusinessRelation."No.") then
                customerId := Customer.SystemId;
        Rec.CalcFields("Estimated Value (LCY)", "Estimated Closing Date");
        estimatedValue := Rec."Estimated Value (LCY)";
        estimatedClosingDate := Rec."Estimated Closing Date";
    end;

    var
        contactId: Guid;
        ContactIdRecord: Record Contact;
        salespersonId: Guid;
        SalespersonIdRecord: Record "Salesperson/Purchaser";
        ContactBusinessRelation: Record "Contact Business Relation";
        Customer: Record Customer;
        customerId: Guid;
        estimatedValue: Decimal;
        estimatedClosingDate: Date;
}
